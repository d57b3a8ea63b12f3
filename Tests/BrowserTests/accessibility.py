# What a screen reader and weak eyes need, looked at in the browser itself: names, contrast, focus.

# Roles that must say what they are.
NAMED = {
    "article", "button", "checkbox", "combobox", "dialog", "feed", "heading", "img", "image", "link", "menu", "menuitem",
    "navigation", "progressbar", "radio", "searchbox", "textbox",
}

CONTRAST = r"""
() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((part, at) => part * top[3] + below[at] * (1 - top[3])).concat(1);
  const light = ([red, green, blue]) => [red, green, blue].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const color = parse(getComputedStyle(each).backgroundColor);
      if (color[3] > 0) layers.unshift(color);
      if (color[3] === 1) break;
    }
    return layers.reduce((below, top) => over(top, below), parse(getComputedStyle(document.documentElement).backgroundColor)[3] === 1
      ? parse(getComputedStyle(document.documentElement).backgroundColor) : parse('canvas'));
  };
  const faults = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || !element.checkVisibility({ opacityProperty: true })) continue;
    if (element.closest('.unseen, noscript, [disabled], :disabled, .skip')) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    const [one, other] = [light(over(parse(style.color), below)), light(below)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) {
      faults.set(`${element.tagName}.${element.className}`, `${ratio.toFixed(2)} ${style.color} «${walker.currentNode.data.trim().slice(0, 30)}»`);
    }
  }
  return [...faults].map(([where, what]) => `${where}: ${what}`);
}
"""

FOCUS = r"""
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const around = element.closest('.composer-line');
  const isMarked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
    || (around && getComputedStyle(around).boxShadow !== 'none');
  const box = element.getBoundingClientRect();
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return {
    name: `${element.tagName.toLowerCase()} ${name.trim().slice(0, 40)}`, isMarked,
    isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && element.checkVisibility({ opacityProperty: true }),
  };
}
"""

STRUCTURE = r"""
() => {
  const faults = [];
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id twice: ${id}`);
  for (const element of document.querySelectorAll('[aria-labelledby], [aria-describedby]')) {
    const named = `${element.getAttribute('aria-labelledby') ?? ''} ${element.getAttribute('aria-describedby') ?? ''}`;
    for (const id of named.split(/\s+/).filter(Boolean)) if (!document.getElementById(id)) faults.push(`no such id: ${id}`);
  }
  if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
  if (!document.documentElement.lang) faults.push('no language');
  for (const element of document.querySelectorAll('button, a[href], input, select, textarea')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || !element.checkVisibility() || element.closest('.unseen, .text, .hint, .skip')) continue;
    const target = element.closest('label') ?? element;
    const size = target.getBoundingClientRect();
    if (Math.min(size.width, size.height) < 24) faults.push(`small: ${element.className} ${Math.round(size.width)} x ${Math.round(size.height)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  return faults;
}
"""


def unnamed(page):
    """Nodes of the accessibility tree that have a role and no name."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    found = []
    for node in nodes:
        role = node.get("role", {}).get("value", "")
        if not node.get("ignored") and role in NAMED and not node.get("name", {}).get("value", "").strip():
            found.append(f"{role} without a name (node {node['nodeId']})")
    return found


def faults(page):
    """Everything that is wrong with what is on the screen."""
    return unnamed(page) + page.evaluate(CONTRAST) + page.evaluate(STRUCTURE)


def walk(page, steps):
    """What Tab reaches, in order; and what is wrong with it."""
    names, wrong = [], []
    for _ in range(steps):
        page.keyboard.press("Tab")
        # Colours may take their time.
        page.wait_for_timeout(30)
        state = page.evaluate(FOCUS)
        if state is None:
            break
        names.append(state["name"])
        if not state["isMarked"]:
            wrong.append("focus is not seen: " + state["name"])
        if not state["isSeen"]:
            wrong.append("focus is off the screen: " + state["name"])
    return names, wrong
