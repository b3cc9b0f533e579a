// The browser's own players, one at a time.

document.addEventListener(
  "play",
  ({ target }) => {
    for (const player of document.querySelectorAll("audio")) if (player !== target) player.pause();
  },
  true, // media events do not bubble
);
