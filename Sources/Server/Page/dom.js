// Making elements. Text is always set as text, so that nothing which a server or a filename says is
// markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an HTML element; `attributes` may hold `class`, handlers (`onclick`) and the like. */
export function html(name, attributes = {}, ...children) {
    return fill(document.createElement(name), attributes, children);
}

/** Makes an SVG element. */
export function svg(name, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Finds an element that the page is known to have. */
export function byId(id) {
    return document.getElementById(id);
}

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) {
            element.addEventListener(name.slice(2), value);
        } else if (value === true) {
            element.setAttribute(name, "");
        } else if (value !== false && value !== undefined) {
            element.setAttribute(name, value);
        }
    }
    element.append(...children);
    return element;
}

/** Tells screen readers something, politely; the sighted see it elsewhere on the page. */
export function announce(words) {
    byId("announcements").textContent = words;
}
