"""What a Voice Owner reads for the sample: plain prose that holds every sound of English in many surroundings."""

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
