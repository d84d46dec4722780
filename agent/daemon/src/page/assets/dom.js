// Elements from data, and an old picture brought up to a new one in place: focus, selection, open menus and what is being
// typed stay. Text goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

// h('button', { class: 'plain', onclick: act }, 'Acknowledge'). Attributes that are null, undefined or false are left out;
// names that begin with "on" are listeners; `key` tells siblings apart. An element with `mount` keeps its own children: `mount`
// fills it once, when it comes into the page, and `refresh` is called at each later picture.
export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  element.handlers = {};
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) listen(element, name.slice(2), value);
    else if (name === 'key') element.key = String(value);
    else if (name === 'mount' || name === 'refresh') element[name] = value;
    else if (name === 'value') setValue(element, value);
    else if (name === 'geometry') Object.assign(element.geometry = {}, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  place(element);
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== '' && child !== false));
  return element;
}

// The listener that stands in the DOM asks for the newest handler: a new picture replaces handlers, not listeners.
function listen(element, type, handler) {
  if (!element.handlers[type]) element.addEventListener(type, (event) => element.handlers[type]?.(event));
  element.handlers[type] = handler;
}

function setValue(element, value) {
  element.given = String(value);
  element.setAttribute('value', value);
  if (element.nodeName === 'TEXTAREA') element.value = value;
}

// Styles by property: the content security policy allows no style in attributes.
function place(element) {
  for (const [name, value] of Object.entries(element.geometry ?? {})) element.style.setProperty(name, value);
}

// Makes the children of `parent` what `children` are.
export function show(parent, ...children) {
  const active = document.activeElement;
  patchChildren(parent, h('div', {}, ...children));
  // What was moved to another place has lost the focus on the way.
  if (active !== document.activeElement && active?.isConnected) active.focus({ preventScroll: true });
}

function mount(element) {
  if (element.nodeType === Node.TEXT_NODE) return;
  if (element.mount) element.mount(element);
  else for (const child of element.childNodes) mount(child);
}

function same(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.key === b.key;
}

function patchChildren(parent, next) {
  const wanted = new Set([...next.childNodes].map((child) => child.key).filter((key) => key !== undefined));
  const keyed = new Map();
  for (const child of [...parent.childNodes]) {
    if (child.key === undefined) continue;
    if (wanted.has(child.key) && !keyed.has(child.key)) keyed.set(child.key, child);
    else child.remove();
  }
  let old = parent.firstChild;
  for (const child of [...next.childNodes]) {
    const known = child.key === undefined ? nextLike(old, child) : keyed.get(child.key);
    if (!known || !same(known, child)) {
      if (known === old) old = old?.nextSibling ?? null;
      known?.remove();
      parent.insertBefore(child, old);
      mount(child);
      continue;
    }
    if (child.key === undefined) {
      // What stands between is no longer wanted; what has a key finds its place by itself.
      for (let between = old; between !== known;) {
        const after = between.nextSibling;
        if (between.key === undefined) between.remove();
        between = after;
      }
      old = known.nextSibling;
    } else if (known === old) {
      old = known.nextSibling;
    } else {
      parent.insertBefore(known, old);
    }
    patch(known, child);
  }
  while (old) {
    const after = old.nextSibling;
    old.remove();
    old = after;
  }
}

// The next sibling without a key that is of the same kind.
function nextLike(from, child) {
  let one = from;
  while (one && !same(one, child)) one = one.nextSibling;
  return one;
}

function patch(old, next) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  patchAttributes(old, next);
  for (const type of Object.keys(old.handlers ?? {})) if (!next.handlers[type]) delete old.handlers[type];
  for (const [type, handler] of Object.entries(next.handlers)) listen(old, type, handler);
  for (const name of Object.keys(old.geometry ?? {})) if (!(name in (next.geometry ?? {}))) old.style.removeProperty(name);
  old.geometry = next.geometry;
  place(old);
  if (next.mount) next.refresh?.(old);
  else patchChildren(old, next);
}

function patchAttributes(old, next) {
  for (const { name } of [...old.attributes]) {
    // `open` is the reader's and the dialog's own; `style` is what `place` and charts wrote.
    if (!next.hasAttribute(name) && name !== 'open' && name !== 'style') old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== 'open' && name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // What somebody types is theirs; what the page gave changes only with what the page gives.
  if (next.given !== undefined && next.given !== old.given) {
    old.given = next.given;
    old.value = next.given;
  }
}
