// What went wrong, from a problem document (RFC 9457) or from the lack of one.

import { html } from "./dom.js";

export class Problem extends Error {
    /** `code` and `requestId` may be missing: an answer of a proxy has neither. */
    constructor(detail, { status = 0, code, requestId } = {}) {
        super(detail);
        Object.assign(this, { status, code, requestId });
    }

    /** Reads an answer that is not the one hoped for. */
    static of(status, text, requestId) {
        let document = null;
        try {
            document = JSON.parse(text);
        } catch {
            // Not from this server: a proxy's page, for example.
        }
        // These details are for programs, or for many files at once; the page knows better.
        const words = status === 401 ? "The server does not accept this key."
            : sentence(document?.files?.[0]?.reason) ?? sentence(document?.detail)
                ?? `The server answered with status ${status}.`;
        return new Problem(words, { status, code: document?.code, requestId });
    }

    static connectionLost() {
        return new Problem(
            "The connection was lost before the server answered. "
                + "Check that it runs, and try again.",
            { code: "connection_lost" },
        );
    }

    static cancelled() {
        return new Problem("Cancelled.", { code: "cancelled" });
    }

    /** Whether the same file may do better next time: nothing is wrong with the file itself. */
    get isPassing() {
        return ![400, 413, 415, 422].includes(this.status);
    }

    /** What a log can be searched for. */
    get trace() {
        const parts = [this.code, this.requestId && `request ${this.requestId}`];
        return parts.filter(Boolean).join(" · ");
    }
}

/** Shows a problem in an element that is kept for it, or hides that when there is none. */
export function show(place, problem, ...actions) {
    place.hidden = !problem;
    place.replaceChildren();
    if (!problem) return;
    place.append(html("p", {}, problem.message));
    if (problem.trace) place.append(html("p", { class: "trace" }, html("code", {}, problem.trace)));
    place.append(...actions);
}

function sentence(text) {
    if (typeof text !== "string" || text === "") return undefined;
    const start = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(start) ? start : `${start}.`;
}
