// Uploads per day as columns, one for each of the thirty days.

import { svg } from "./dom.js";
import { count, counted, longDay, shortDay } from "./words.js";

const HEIGHT = 168;
const TOP = 10;
const BOTTOM = 26;
const GAP_SHARE = 0.25;
const LINES_MAX = 4;
const DAYS_BETWEEN_LABELS = 7;
// Of a digit at the size that charts.css gives to the axis.
const DIGIT_WIDTH = 7.5;

/** Draws `days`, pairs of day and count, oldest first; `onpoint` hears of the day pointed at. */
export function dayChart(days, width, onpoint) {
    const step = stepFor(Math.max(1, ...days.map(([, images]) => images)));
    const top = step * Math.max(1, Math.ceil(Math.max(...days.map(([, n]) => n)) / step));
    const left = count(top).length * DIGIT_WIDTH + 8;
    const slot = (width - left) / days.length;
    const floor = HEIGHT - BOTTOM;
    const y = (images) => floor - (images / top) * (floor - TOP);
    const chart = svg("svg", {
        role: "img", "aria-label": summary(days),
        width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`,
    });
    for (let value = 0; value <= top; value += step) {
        chart.append(
            svg("line", { class: value === 0 ? "base" : "grid", x1: left, x2: width,
                y1: y(value), y2: y(value) }),
            svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, count(value)));
    }
    const hover = svg("rect", { class: "hover", y: TOP, width: slot, height: floor - TOP, rx: 2 });
    chart.append(hover);
    days.forEach(([day, images], index) => {
        const x = left + index * slot;
        if (images > 0) {
            chart.append(svg("path", {
                class: "bar-mark", "data-day": day, "data-count": images,
                d: column(x + slot * GAP_SHARE / 2, y(images), slot * (1 - GAP_SHARE), floor),
            }));
        }
        const isLabelled = (days.length - 1 - index) % DAYS_BETWEEN_LABELS === 0;
        if (isLabelled) {
            const isLast = index === days.length - 1;
            chart.append(svg("text", {
                x: isLast ? width : x + slot / 2, y: HEIGHT - 6,
                "text-anchor": isLast ? "end" : "middle",
            }, isLast ? "Today" : shortDay(day)));
        }
    });
    point(chart, hover, days, left, slot, onpoint);
    return chart;
}

/** A column with a round top and a flat foot; a very low one is still to be seen. */
function column(x, y, width, floor) {
    const height = Math.max(2, floor - y);
    const radius = Math.min(3, width / 2, height);
    return `M${x} ${floor}v${radius - height}q0 ${-radius} ${radius} ${-radius}`
        + `h${width - 2 * radius}q${radius} 0 ${radius} ${radius}v${height - radius}z`;
}

/** The distance of the lines: 1, 2 or 5 times a power of ten, and never parts of an image. */
function stepFor(most) {
    for (let power = 1; ; power *= 10) {
        for (const step of [power, 2 * power, 5 * power]) {
            if (most / step <= LINES_MAX) return step;
        }
    }
}

function summary(days) {
    const total = days.reduce((sum, [, images]) => sum + images, 0);
    if (total === 0) return "Uploads per day: none in the last 30 days.";
    const [day, most] = days.reduce((best, next) => (next[1] > best[1] ? next : best));
    const today = days[days.length - 1][1];
    return `Uploads per day: ${counted(total, "image")} in the last ${days.length} days, `
        + `most on ${longDay(day)} with ${count(most)}, today ${count(today)}. `
        + "The table below has every day.";
}

function point(chart, hover, days, left, slot, onpoint) {
    chart.addEventListener("pointermove", (event) => {
        const offset = event.clientX - chart.getBoundingClientRect().left - left;
        const index = Math.floor(offset / slot);
        const isOn = index >= 0 && index < days.length;
        hover.classList.toggle("is-on", isOn);
        if (isOn) hover.setAttribute("x", left + index * slot);
        onpoint(isOn ? days[index] : null);
    });
    chart.addEventListener("pointerleave", () => {
        hover.classList.remove("is-on");
        onpoint(null);
    });
}
