// The page as a person sees it, as HTML: open shadow roots and frames of the portal included, hidden parts left out.
// With onlyNew, elements that mark.js has marked are left out unless something new lies in them.
(onlyNew) => {
  const unseen = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD", "SVG", "LINK", "META", "OBJECT"]);
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const escaped = (text) => text.replace(/[&<>"]/g, (char) => signs[char]);
  const known = window.nightwatchKnown || new WeakSet();
  const out = [];
  let nodes = 0;
  const within = (element) => {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    if (element.tagName === "SLOT" && element.assignedNodes().length) return element.assignedNodes({ flatten: true });
    if (element.tagName === "IFRAME") {
      try {
        return element.contentDocument ? element.contentDocument.body.childNodes : [];
      } catch {
        return [];
      }
    }
    return element.childNodes;
  };
  const fresh = new Map();
  const isFresh = (element) => {
    if (!fresh.has(element)) {
      let found = !known.has(element);
      for (const child of within(element)) if (child.nodeType === Node.ELEMENT_NODE && isFresh(child)) found = true;
      fresh.set(element, found);
    }
    return fresh.get(element);
  };
  const write = (node) => {
    if (++nodes > 200000) return;
    if (node.nodeType === Node.TEXT_NODE) out.push(escaped(node.data));
    if (node.nodeType !== Node.ELEMENT_NODE || unseen.has(node.tagName.toUpperCase())) return;
    if (onlyNew && !isFresh(node)) return;
    const style = getComputedStyle(node);
    if (style.display === "none" || style.visibility === "hidden") return;
    const name = node.tagName === "IFRAME" || node.tagName === "SLOT" ? "div" : node.tagName.toLowerCase();
    const attributes = [...node.attributes].filter((one) => one.name !== "style" && one.value.length < 2000);
    out.push("<" + name + attributes.map((one) => ` ${one.name}="${escaped(one.value)}"`).join("") + ">");
    for (const child of within(node)) write(child);
    out.push(`</${name}>`);
  };
  write(document.body);
  return `<html>${out.join("")}</html>`;
}
