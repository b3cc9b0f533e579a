// Counts the characters of a text as they are typed, beside what is allowed.
for (const note of document.querySelectorAll("[data-count-for]")) {
  const field = document.getElementById(note.dataset.countFor);
  const longest = Number(note.dataset.longest);
  const show = () => {
    const count = [...field.value].length;
    note.textContent = `${count.toLocaleString()} of ${longest.toLocaleString()} characters; each one costs one credit.`;
  };
  if (field) {
    field.addEventListener("input", show);
    show();
  }
}
