// One file in the list: thumbnail, name, progress, and what can be done with it.

import { imageAddress } from "./api.js";
import { announce, html } from "./dom.js";
import { show } from "./problem.js";
import { size } from "./words.js";

const COPIED_MILLISECONDS = 2000;

export class Row {
    #upload;
    #queue;
    #note = html("p", { class: "upload-note" });
    #progress;
    #result = html("div", { class: "upload-result" });
    #shownState = null;

    constructor(upload, queue) {
        this.#upload = upload;
        this.#queue = queue;
        const { file } = upload;
        this.#progress = html("progress", { "aria-label": file.name, max: file.size || 1 });
        this.element = html("li", { class: "upload" },
            thumbnail(file),
            html("div", { class: "upload-body" },
                html("p", { class: "upload-name" }, file.name),
                this.#note,
                this.#progress),
            this.#result);
        this.update();
    }

    update() {
        const { state, sentBytes } = this.#upload;
        this.#progress.value = sentBytes;
        this.#note.textContent = this.#words();
        if (state === this.#shownState) return;
        this.#shownState = state;
        this.element.dataset.state = state;
        this.#progress.hidden = !this.#upload.isOpen;
        this.#showResult();
    }

    #words() {
        const { file, state, sentBytes } = this.#upload;
        switch (state) {
        case "waiting": return `${size(file.size)} · waiting`;
        case "sending": return `${size(sentBytes)} of ${size(file.size)}`;
        case "storing": return `${size(file.size)} · storing`;
        case "done": return `${size(file.size)} · stored`;
        default: return `${size(file.size)} · not stored`;
        }
    }

    /** Buttons are replaced only when the state changes, so that none loses the focus meanwhile. */
    #showResult() {
        const upload = this.#upload;
        const { name } = upload.file;
        const hadFocus = this.#result.contains(document.activeElement);
        this.#result.replaceChildren();
        if (upload.state === "done") {
            this.#result.append(
                html("p", { class: "upload-id" }, html("code", { title: upload.id }, upload.id)),
                html("div", { class: "upload-actions" },
                    copyButton("Copy link", `Copy link to ${name}`, imageAddress(upload.id)),
                    copyButton("Copy id", `Copy id of ${name}`, upload.id),
                    html("a", {
                        class: "button small", href: imageAddress(upload.id), target: "_blank",
                        rel: "noopener", "aria-label": `Open ${name} in a new tab`,
                    }, "Open")));
        } else if (upload.state === "failed") {
            const place = html("div", { class: "problem" });
            show(place, upload.problem);
            const actions = html("div", { class: "upload-actions" });
            if (upload.problem.isPassing) {
                actions.append(
                    button("Try again", `Try again: ${name}`, () => this.#queue.retry(upload)));
            }
            actions.append(
                button("Remove", `Remove ${name}`, () => this.#queue.clear([upload])));
            this.#result.append(place, actions);
        } else {
            this.#result.append(html("div", { class: "upload-actions" },
                button("Cancel", `Cancel ${name}`, () => this.#queue.cancel(upload))));
        }
        if (hadFocus) this.#result.querySelector("button")?.focus();
    }
}

/** A small picture of the file; its extension where the browser cannot decode it. */
function thumbnail(file) {
    const place = html("div", { class: "thumbnail", "aria-hidden": "true" });
    const extension = /\.([a-z0-9]{1,5})$/i.exec(file.name)?.[1].toUpperCase() ?? "?";
    if (!file.type.startsWith("image/") || file.type === "image/svg+xml") {
        place.append(extension);
        return place;
    }
    // The address holds the file in memory until it is revoked; the decoded picture stays.
    const address = URL.createObjectURL(file);
    const image = html("img", { src: address, alt: "", decoding: "async" });
    image.onload = () => URL.revokeObjectURL(address);
    image.onerror = () => {
        URL.revokeObjectURL(address);
        place.replaceChildren(extension);
    };
    place.append(image);
    return place;
}

function button(words, label, onclick) {
    return html("button", { type: "button", class: "small", "aria-label": label, onclick }, words);
}

function copyButton(words, label, text) {
    const made = button(words, label, async () => {
        const isCopied = await copy(text, made);
        announce(isCopied ? "Copied" : "Your browser did not allow copying");
        made.textContent = isCopied ? "Copied" : "Not allowed";
        setTimeout(() => { made.textContent = words; }, COPIED_MILLISECONDS);
    });
    return made;
}

async function copy(text, button) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        // Without TLS a browser has no clipboard for pages, except those of its own machine.
    }
    const field = html("textarea", { class: "visually-hidden", readonly: true }, text);
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    button.focus();
    return isCopied;
}
