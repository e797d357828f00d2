// Signed out or in, and who hears of what: the only module that knows all the others.

import * as api from "./api.js";
import { announce, byId } from "./dom.js";
import { listen } from "./intake.js";
import { show } from "./problem.js";
import { Queue } from "./queue.js";
import { Row } from "./row.js";
import * as session from "./session.js";
import { Stats } from "./stats.js";
import { counted, size } from "./words.js";

const queue = new Queue(session.key);
const stats = new Stats(session.key, refused);
const rows = new Map();

// MARK: The key

function showSignedIn() {
    byId("sign-in").hidden = true;
    byId("workspace").hidden = false;
    byId("sign-out").hidden = false;
}

function showSignedOut(problem) {
    byId("workspace").hidden = true;
    byId("sign-out").hidden = true;
    byId("sign-in").hidden = false;
    show(byId("key-error"), problem);
    byId("key").toggleAttribute("aria-invalid", false);
}

/** Asks for what needs the key, so that a wrong one shows here and not at the first file. */
async function signIn(event) {
    event.preventDefault();
    const field = byId("key");
    const button = event.target.querySelector("button");
    const key = field.value.trim();
    show(byId("key-error"), null);
    field.removeAttribute("aria-invalid");
    button.disabled = true;
    try {
        const details = await api.details(key);
        session.keep(key);
        field.value = "";
        showSignedIn();
        stats.show(details);
        queue.resume();
        byId("upload-title").focus();
    } catch (problem) {
        field.setAttribute("aria-invalid", "true");
        show(byId("key-error"), problem);
        field.focus();
    } finally {
        button.disabled = false;
    }
}

function signOut() {
    session.forget();
    queue.reset();
    stats.clear();
    showSignedOut(null);
    byId("key").focus();
}

/** A key that was good may have been taken back: ask for another one, and keep the list. */
function refused(problem) {
    if (problem.status !== 401) return false;
    if (session.key() === null) return true;
    session.forget();
    stats.clear();
    showSignedOut(problem);
    byId("key").focus();
    return true;
}

// MARK: Uploads

function take(files) {
    if (files.length === 0) return;
    const added = queue.add(files);
    announce(`${counted(added.length, "file")} added`);
}

function changed({ detail: upload }) {
    if (!rows.has(upload)) {
        const row = new Row(upload, queue);
        rows.set(upload, row);
        byId("upload-list").prepend(row.element);
    }
    rows.get(upload).update();
    showOverall();
    if (upload.state === "done") stats.refresh();
    if (upload.state === "failed" && !refused(upload.problem)) {
        announce(`${upload.file.name}: ${upload.problem.message}`);
    }
    if (!upload.isOpen && !queue.uploads.some((other) => other.isOpen)) announceEnd();
}

function announceEnd() {
    const failed = queue.uploads.filter((upload) => upload.state === "failed").length;
    // One that fails alone has been announced with its reason.
    if (failed < queue.uploads.length) announce(overallWords());
}

function overallWords() {
    const { uploads } = queue;
    const done = uploads.filter((upload) => upload.state === "done").length;
    const failed = uploads.filter((upload) => upload.state === "failed").length;
    const stored = `${done} of ${counted(uploads.length, "file")} stored`;
    return failed > 0 ? `${stored}, ${failed} not` : stored;
}

function showOverall() {
    const { uploads } = queue;
    byId("overall").hidden = uploads.length === 0;
    const open = uploads.filter((upload) => upload.isOpen);
    const progress = byId("overall-progress");
    const totalBytes = uploads.reduce((sum, upload) => sum + upload.file.size, 0);
    const sentBytes = uploads.reduce(
        (sum, upload) => sum + (upload.isOpen ? upload.sentBytes : upload.file.size), 0);
    progress.max = totalBytes || 1;
    progress.value = totalBytes === 0 ? 0 : sentBytes;
    progress.hidden = open.length === 0;
    const words = overallWords();
    byId("overall-words").textContent = open.length === 0 ? words
        : `${words} · ${size(sentBytes)} of ${size(totalBytes)}`;
    byId("clear").hidden = open.length === uploads.length;
}

function removed({ detail: upload }) {
    rows.get(upload)?.element.remove();
    rows.delete(upload);
    showOverall();
    // The button that did it is gone; without a place to go the focus would fall to the top.
    if (document.activeElement === document.body) byId("upload-title").focus();
}

// MARK: The start

queue.addEventListener("change", changed);
queue.addEventListener("remove", removed);
byId("key-form").addEventListener("submit", signIn);
byId("sign-out").addEventListener("click", signOut);
byId("clear").addEventListener("click", () => {
    queue.clear();
    byId("upload-title").focus();
});
listen({
    zone: byId("drop-zone"),
    input: byId("files"),
    isOpen: () => session.key() !== null,
    take,
});
// Others upload, too: whoever comes back to the tab sees what is there now.
document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") stats.refresh();
});
addEventListener("beforeunload", (event) => {
    if (queue.uploads.some((upload) => upload.isOpen)) event.preventDefault();
});

if (session.key() === null) {
    showSignedOut(null);
} else {
    showSignedIn();
    stats.refresh();
}
