"""What a Voice Owner reads for the sample: plain prose that holds every sound of English in many surroundings."""

from __future__ import annotations

PASSAGES = (
    "I am reading this aloud so that a voice can be made that sounds like mine. There is no hurry. I speak the "
    "way I would tell a story to a friend across the kitchen table, not too loud and not too soft.",
    "Yesterday the weather changed its mind three times before lunch. First came a thin blue haze over the "
    "harbour, then a shower that chased the children under the chestnut trees, and at last a large, quiet sun. My "
    "uncle joked that we should measure the rain with a thimble.",
    "The choice of a good chair is a serious thing. You sit, you lean back, you stretch your feet towards the "
    "fire, and you know at once whether you could spend a whole evening there with a book, a pot of ginger tea "
    "and the dog asleep beside you.",
    "On the way home I counted forty-eight lamps, two yellow vans, and one small boy who was giving his toy "
    "giraffe a ride on a bicycle. He waved as though we had known each other for years. I waved back, of course. "
    "Would you not?",
    "Now I have read for about a minute, perhaps a little more. Thank you for listening. If something went wrong, "
    "I can simply breathe, take a sip of water, and read it all once again.",
)

# A premium sample is longer: some three minutes, told in the same everyday way, with questions, numbers and names.
MORE = (
    "There was once a lighthouse keeper who wrote a letter each evening and never posted one. He folded them into "
    "small boats and set them on the water. Most of them sank before they reached the rocks, but he was a patient "
    "man, and the evenings were long.",
    "What did he write about? The price of oil, the colour of the clouds, a gull with a broken wing that ate from "
    "his hand. Once he described, in four close pages, how a fog comes in: first the horn sounds dull, then the "
    "rail feels wet, and by the time you look up there is nothing left to look at.",
    "In the spring of the ninth year a girl came rowing round the point with a bucket full of paper. She had found "
    "a hundred and sixty-three of his boats, she said, and dried them on her mother's stove. Would he mind if she "
    "asked him a few questions?",
    "They sat on the step with a jug of cold milk between them. Why did the gull leave? Was the oil truly that "
    "expensive? And who was Julia, whom he thanked on nearly every page? He laughed so hard that he had to hold on "
    "to the door.",
    "Julia, he explained, was the lamp. Somebody had scratched the name into the brass before his time, and he had "
    "thought it only polite to use it. The girl considered this gravely. Then she took off her cap, climbed the "
    "ninety-one steps, and said good evening to the light.",
    "Before you stop, read these few as you would say them on an ordinary day. Could you pass me the vinegar? Twelve "
    "pounds fifty, please. The train to Oxford leaves at a quarter past eight from platform three. I am sorry, I "
    "did not quite catch your name. Happy birthday! Mind the edge, the paint is still wet. Thank you, that was a "
    "pleasure; we shall do it again very soon.",
)


def passages(tier: str) -> tuple[str, ...]:
    """Return what is read for a sample of a tier."""
    return (*PASSAGES[:-1], *MORE, PASSAGES[-1].replace("a minute", "three minutes")) if tier == "premium" else PASSAGES
