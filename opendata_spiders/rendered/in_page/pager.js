// The element that leads to the next entries, and how: next, number, more, end (a pager on its last page), none.
() => {
  const NEXT = [/^(下一页|下页|后一页|下一頁|next( page)?)[\s>»›→]*$/i, /^[›>→]$/, /^»$/];
  const MORE = /^(点击)?(加载更多|查看更多|更多数据|显示更多|load more|show more)[\s.…]*$/i;
  const NEXT_CLASS = /(^|[\s_-])(btn-next|pagination-next|laypage-next|page-next|next)([\s_-]|$)/;
  const OFF = /(^|[\s_-])(disabled?|is-disabled)([\s_-]|$)/;
  const ON = /(^|[\s_-])(active|current|curr?|is-active|selected|on)([\s_-]|$)/;
  const PAGER = /pag(e|ing|ination|er)|laypage|fenye/i;
  const all = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      all.push(one);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  const classes = (one) => (typeof one.className === "string" ? one.className : "");
  const said = (one) => (one.textContent || "").trim();
  const names = (one) => [one.getAttribute("aria-label"), one.getAttribute("title"), said(one)].filter(Boolean);
  const above = (one) => one.parentElement || (one.getRootNode() instanceof ShadowRoot ? one.getRootNode().host : null);
  const near = (one, fits) => {
    for (let up = one, steps = 0; up && steps < 4; up = above(up), steps++) if (fits(up)) return true;
    return false;
  };
  const visible = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 0;
  const off = (one) =>
    near(one, (up) => (up === one || up.tagName === "LI" || up.tagName === "BUTTON") &&
      (up.disabled === true || up.getAttribute("aria-disabled") === "true" || OFF.test(classes(up))));
  const small = all.filter((one) => said(one).length <= 12 && one.querySelectorAll("*").length <= 6 && visible(one));
  const innermost = (found) => found.filter((one) => !found.some((other) => other !== one && one.contains(other)));
  const inPager = (one) => near(one, (up) => PAGER.test(classes(up) + " " + up.id + " " + (up.getAttribute("aria-label") || "")) || up.tagName === "NAV");
  let found = innermost(small.filter((one) => names(one).some((name) => NEXT[0].test(name)) || (one.getAttribute("rel") || "") === "next"));
  if (!found.length) found = innermost(small.filter((one) => NEXT_CLASS.test(classes(one)) && inPager(one)));
  for (const sign of NEXT.slice(1)) {
    if (!found.length) found = innermost(small.filter((one) => sign.test(said(one)) && inPager(one)));
  }
  if (found.length) {
    const usable = found.filter((one) => !off(one));
    return usable.length ? { how: "next", element: usable[0] } : { how: "end", element: null };
  }
  const numbers = innermost(small.filter((one) => /^\d{1,5}$/.test(said(one)) && inPager(one)));
  const current = numbers.find((one) => near(one, (up) => (up === one || up.tagName === "LI" || up.tagName === "A") && (ON.test(classes(up)) || up.getAttribute("aria-current"))));
  if (current) {
    const following = numbers.find((one) => Number(said(one)) === Number(said(current)) + 1);
    return following ? { how: "number", element: following } : { how: "end", element: null };
  }
  found = innermost(small.filter((one) => names(one).some((name) => MORE.test(name))));
  if (found.length) return off(found[0]) ? { how: "end", element: null } : { how: "more", element: found[0] };
  return { how: "none", element: null };
}
