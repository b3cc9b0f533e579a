// The moderators' desk: keys, the claim that is renewed while somebody works, the form of the decision, and the veil.

import { whenReady } from "./dom.js";
import { holdClaim } from "./desk-claim.js";
import { guideDecision } from "./desk-decision.js";
import { listenForKeys } from "./desk-keys.js";
import { veil } from "./desk-veil.js";

whenReady("[data-claim]", holdClaim);
whenReady("[data-decide]", guideDecision);
whenReady("[data-veil]", veil);
whenReady("[data-desk]", listenForKeys);

// A page that answers a form stands at the form's address: bring it back to the case's own, which can be loaded again.
whenReady("[data-here]", (root) => history.replaceState(null, "", root.dataset.here + window.location.hash));
