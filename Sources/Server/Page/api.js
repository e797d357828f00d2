// The calls of the API that the page needs. Addresses are relative, so a proxy may add a prefix.

import { Problem } from "./problem.js";

/** The counts behind the charts. */
export function details(key) {
    return call("GET", "api/stats/details", key);
}

/** A new upload link; `seconds` undefined lets the server choose how long it is good. */
export function link(key, seconds) {
    return call("POST", "api/generate-upload-link", key, seconds ? { expiry: seconds } : {});
}

/** Where an image is served: for everyone, without a key. */
export function imageAddress(id) {
    return new URL(`api/images/${id}`, document.baseURI).href;
}

async function call(method, path, key, json) {
    const headers = keyHeader(key);
    if (json) headers["content-type"] = "application/json";
    let response, text;
    try {
        const body = json && JSON.stringify(json);
        response = await fetch(path, { method, headers, body, cache: "no-store" });
        text = await response.text();
    } catch {
        throw Problem.connectionLost();
    }
    const { status } = response;
    const requestId = response.headers.get("x-request-id") ?? undefined;
    if (!response.ok) throw Problem.of(status, text, requestId);
    return parse(status, text, requestId);
}

/**
 * Sends one file to an upload link and gives its image id.
 *
 * XMLHttpRequest, because fetch does not tell how much of a body has been sent.
 */
export function upload({ key, uploadId, file, onProgress, signal }) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        const requestId = () => request.getResponseHeader("x-request-id") ?? undefined;
        request.open("POST", `api/upload-images/${uploadId}`);
        for (const [name, value] of Object.entries(keyHeader(key))) {
            request.setRequestHeader(name, value);
        }
        request.upload.onprogress = (event) => {
            // The form around the file is counted, too; the bar is about the file.
            onProgress(Math.min(event.loaded, file.size));
        };
        request.onload = () => {
            const { status, responseText } = request;
            if (status !== 200) {
                reject(Problem.of(status, responseText, requestId()));
                return;
            }
            try {
                resolve(Object.values(parse(status, responseText, requestId()))[0]);
            } catch (problem) {
                reject(problem);
            }
        };
        request.onerror = () => reject(Problem.connectionLost());
        request.onabort = () => reject(Problem.cancelled());
        signal.addEventListener("abort", () => request.abort(), { once: true });
        const form = new FormData();
        form.append("image_files", file, file.name);
        request.send(form);
    });
}

function keyHeader(key) {
    // What a header field can carry (RFC 9110 section 5.5); a browser would throw at the rest.
    if (!/^[\x21-\x7e]+$/.test(key)) {
        throw new Problem("A key has only letters, digits and punctuation, without white space.");
    }
    return { "x-api-key": key };
}

function parse(status, text, requestId) {
    try {
        return JSON.parse(text);
    } catch {
        throw new Problem("The answer is not one of this service: is something in between?",
            { status, requestId });
    }
}
