// Registers the script that stores the site for use without a network, if the browser has service workers.
"use strict";
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  const { root } = document.currentScript.dataset;
  navigator.serviceWorker.register(`${root}sw.js`).catch(() => {
    // Without the stored files, the site still works with a network.
  });
}
