// Names with their counts as lying bars, most first.

import { svg } from "./dom.js";
import { count } from "./words.js";

const ROW_HEIGHT = 44;
const TEXT_BASELINE = 15;
const BAR_TOP = 23;
const BAR_HEIGHT = 8;
const TEXT_GAP = 12;

// Measures text, which SVG can do only once it is shown.
const pen = document.createElement("canvas").getContext("2d");

/** Draws `entries`, pairs of name and count; `title` begins what a screen reader says. */
export function barChart(title, entries, width) {
    const most = Math.max(...entries.map(([, images]) => images));
    const height = entries.length * ROW_HEIGHT - (ROW_HEIGHT - BAR_TOP - BAR_HEIGHT);
    const words = entries.map(([name, images]) => `${name} ${count(images)}`).join(", ");
    const chart = svg("svg", {
        role: "img", "aria-label": `${title}: ${words}.`,
        width, height, viewBox: `0 0 ${width} ${height}`,
    });
    // The size that charts.css gives to names and counts.
    pen.font = `14px ${getComputedStyle(document.body).fontFamily}`;
    entries.forEach(([name, images], index) => {
        const y = index * ROW_HEIGHT;
        const number = count(images);
        const room = width - pen.measureText(number).width - TEXT_GAP;
        const bar = { x: 0, y: y + BAR_TOP, height: BAR_HEIGHT, rx: BAR_HEIGHT / 2 };
        chart.append(
            svg("text", { class: "name", x: 0, y: y + TEXT_BASELINE }, shortened(name, room)),
            svg("text", { class: "count", x: width, y: y + TEXT_BASELINE }, number),
            svg("rect", { class: "bar-track", ...bar, width }),
            svg("rect", {
                class: "bar-mark", ...bar, "data-name": name, "data-count": images,
                width: Math.max(BAR_HEIGHT, (images / most) * width),
            }));
    });
    return chart;
}

/** SVG text neither wraps nor ends in an ellipsis by itself; the table has the whole name. */
function shortened(name, room) {
    if (pen.measureText(name).width <= room) return name;
    const characters = [...name];
    let text;
    do {
        characters.pop();
        text = `${characters.join("").trimEnd()}…`;
    } while (characters.length > 1 && pen.measureText(text).width > room);
    return text;
}
