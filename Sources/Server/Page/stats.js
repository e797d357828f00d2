// The figures and charts: asked for again after every upload, drawn again when the width changes.

import * as api from "./api.js";
import { barChart } from "./barchart.js";
import { dayChart } from "./daychart.js";
import { byId, html } from "./dom.js";
import { show } from "./problem.js";
import { count, counted, longDay, size } from "./words.js";

// As many cameras as the summary of the API names; the table has the rest.
const BARS_MAX = 10;

export class Stats {
    #key;
    #onProblem;
    #charts;
    #isAsking = false;
    #isStale = false;

    /** `onProblem` hears what went wrong and tells whether it has dealt with it. */
    constructor(key, onProblem) {
        this.#key = key;
        this.#onProblem = onProblem;
        this.#charts = [
            new Chart(byId("days-chart"), "Uploads per day", "Day", drawDays),
            new Chart(byId("formats-chart"), "Formats", "Format", drawFormats),
            new Chart(byId("cameras-chart"), "Cameras", "Camera", drawCameras),
        ];
    }

    /** Asks for the counts and shows them; calls that come while it asks are answered together. */
    async refresh() {
        this.#isStale = true;
        if (this.#isAsking) return;
        this.#isAsking = true;
        while (this.#isStale) {
            this.#isStale = false;
            await this.#ask();
        }
        this.#isAsking = false;
    }

    show(details) {
        show(byId("stats-error"), null);
        byId("stats").removeAttribute("aria-busy");
        byId("image-count").textContent = count(details.images);
        byId("byte-count").textContent = size(details.bytes);
        const parts = [details.days, details.formats, details.cameras];
        this.#charts.forEach((chart, index) => chart.show(Object.entries(parts[index])));
    }

    /** Leaves nothing on the page that the key was needed for. */
    clear() {
        byId("image-count").textContent = "–";
        byId("byte-count").textContent = "–";
        byId("stats").setAttribute("aria-busy", "true");
        for (const chart of this.#charts) chart.clear();
    }

    async #ask() {
        const key = this.#key();
        if (key === null) return;
        try {
            const details = await api.details(key);
            // Signed out meanwhile: what comes now is not to be shown any more.
            if (this.#key() === key) this.show(details);
        } catch (problem) {
            if (this.#key() !== key || this.#onProblem(problem)) return;
            show(byId("stats-error"), problem,
                html("button", { type: "button", class: "small", onclick: () => this.refresh() },
                    "Try again"));
        }
    }
}

/** A card with a title, a drawing and the same as a table. */
class Chart {
    #place;
    #title;
    #draw;
    #entries = null;
    #width = 0;
    #drawing = html("div", { class: "drawing" });
    #readout = html("p", { class: "readout" });
    #rows = html("tbody");
    #details;

    constructor(place, title, column, draw) {
        this.#place = place;
        this.#title = title;
        this.#draw = draw;
        this.#details = html("details", { hidden: true },
            html("summary", {}, "Show as a table"),
            // Scrolls, so the keyboard has to get there.
            html("div", { class: "table", tabindex: 0, role: "region", "aria-label": title },
                html("table", {},
                    html("caption", { class: "visually-hidden" }, title),
                    html("thead", {}, html("tr", {},
                        html("th", { scope: "col" }, column),
                        html("th", { scope: "col" }, "Images"))),
                    this.#rows)));
        place.append(html("h3", {}, title), this.#readout, this.#drawing, this.#details);
        new ResizeObserver(([entry]) => {
            const width = Math.floor(entry.contentRect.width);
            if (width === this.#width) return;
            this.#width = width;
            this.#redraw();
        }).observe(this.#drawing);
    }

    show(entries) {
        this.#entries = entries;
        this.#details.hidden = entries.length === 0;
        this.#rows.replaceChildren(...entries.map(([name, images]) => html("tr", {},
            html("th", { scope: "row" }, name), html("td", {}, count(images)))));
        this.#redraw();
    }

    clear() {
        this.#entries = null;
        this.#details.hidden = true;
        this.#rows.replaceChildren();
        this.#drawing.replaceChildren();
        this.#readout.textContent = "";
    }

    #redraw() {
        if (!this.#entries || this.#width <= 0) return;
        const say = (words) => { this.#readout.textContent = words; };
        const drawn = this.#draw(this.#title, this.#entries, this.#width, say);
        this.#drawing.replaceChildren(...(drawn ? [drawn] : []));
    }
}

function drawDays(title, days, width, say) {
    const total = days.reduce((sum, [, images]) => sum + images, 0);
    const words = total === 0 ? "None in the last 30 days. The first one shows up here at once."
        : `${counted(total, "new image")} in ${days.length} days`;
    say(words);
    return dayChart(days, width, (pointedAt) => {
        say(pointedAt ? `${longDay(pointedAt[0])}: ${counted(pointedAt[1], "image")}` : words);
    });
}

function drawFormats(title, formats, width, say) {
    say(formats.length === 0 ? "No images yet." : "What the files are, whatever they are called");
    return formats.length === 0 ? null : barChart(title, formats, width);
}

function drawCameras(title, cameras, width, say) {
    if (cameras.length === 0) {
        say("No image names its camera yet.");
        return null;
    }
    say(cameras.length > BARS_MAX ? `The ${BARS_MAX} with most images` : "As the images name them");
    return barChart(title, cameras.slice(0, BARS_MAX), width);
}
