// Dom: elements from values, never from HTML text; whatever a file says ends up as text and nothing else.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with its properties and children.
 * Properties: class, dataset, on (name -> handler), style (custom property -> value), any attribute; false and null are left out.
 * @param {string} name
 * @param {Record<string, any>} [properties]
 * @param {...any} children strings, numbers, nodes, arrays of these; null and false are left out
 * @returns {any}
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    SETTERS[key] ? SETTERS[key](element, value) : attribute(element, key, value);
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== false && child !== undefined)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  return element;
}

const SETTERS = {
  on: (element, handlers) =>
    Object.entries(handlers).forEach(([name, handler]) => element.addEventListener(name, handler)),
  dataset: (element, values) => Object.assign(element.dataset, values),
  style: (element, values) => Object.entries(values).forEach(([name, value]) => element.style.setProperty(name, value)),
  value: (element, value) => {
    element.value = value;
  },
};

function attribute(element, name, value) {
  if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
}

/** A picture of icons.svg; decoration only: its meaning stands beside it in words. */
export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  picture.append(use);
  return picture;
}

/** A button with words, an icon, or both; without words `label` names it for those who do not see it. */
export function button({ words = "", label = "", symbol = "", kind = "plain", keys = "", on, ...rest }) {
  const title = label || (keys ? `${words} (${keys})` : "");
  return h(
    "button",
    {
      type: "button",
      class: `button ${kind}`,
      title: title || null,
      "aria-label": words ? null : label,
      on: { click: on },
      ...rest,
    },
    symbol && icon(symbol),
    words && h("span", {}, words),
  );
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
}
