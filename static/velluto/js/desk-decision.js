// Only the policy sections of the chosen decision can be chosen; a preview of something else says that it is outdated.
// The server checks all of it again.

import { part } from "./dom.js";

export function guideDecision(form) {
  const sections = form.elements.section;

  const narrow = () => {
    const chosen = form.querySelector("input[name=choice]:checked");
    const valid = chosen ? chosen.dataset.sections.split(" ") : null;
    for (const option of sections.options) {
      option.hidden = option.disabled = Boolean(option.value && valid && !valid.includes(option.value));
    }
    if (sections.selectedOptions[0]?.disabled) sections.value = "";
    if (valid?.length === 1) sections.value = valid[0];
  };

  form.addEventListener("change", narrow);
  form.addEventListener("input", () => {
    if (!part(form, "preview")) return;
    part(form, "preview").hidden = true;
    part(form, "outdated").hidden = false;
  });
  narrow();
}
