// Marks all that the page holds, so that snapshot.js can tell what has come since.
() => {
  const known = (window.nightwatchKnown = window.nightwatchKnown || new WeakSet());
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      known.add(one);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
}
