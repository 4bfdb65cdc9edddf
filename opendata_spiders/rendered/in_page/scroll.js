// To the end of the page and of everything in it that scrolls.
() => {
  const all = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      all.push(one);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  for (const one of all) {
    if (one.scrollHeight > one.clientHeight + 20 && /auto|scroll/.test(getComputedStyle(one).overflowY)) one.scrollTop = one.scrollHeight;
  }
  window.scrollTo(0, document.documentElement.scrollHeight);
}
