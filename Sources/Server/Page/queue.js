// The files on their way: a few at a time, each in a request of its own, so that one which is
// refused takes no other with it.
//
//   waiting ─▶ sending ─▶ storing ─▶ done
//      ▲          │          │
//      └─ retry ─ failed ◀───┘     (cancelled: the same with another word)

import * as api from "./api.js";
import { Problem } from "./problem.js";

// A browser opens six connections to a server (HTTP/1.1): the rest is for the charts.
const PARALLEL_MAX = 3;
// Long enough for many files in a row; a link that ends sooner is replaced when that shows.
const LINK_SECONDS = 600;

export class Upload {
    state = "waiting";
    sentBytes = 0;
    /** The image id, once it is done. */
    id = null;
    problem = null;
    canceller = null;

    constructor(file) {
        this.file = file;
    }

    get isUnderWay() {
        return this.state === "sending" || this.state === "storing";
    }

    get isOpen() {
        return this.state === "waiting" || this.isUnderWay;
    }
}

/** Sends `change` for each step of an upload, which is its `detail`, and `remove` at the end. */
export class Queue extends EventTarget {
    uploads = [];
    #key;
    #link = null;

    /** `key` is a function that gives the key of the moment, or null. */
    constructor(key) {
        super();
        this.#key = key;
    }

    add(files) {
        const added = files.map((file) => new Upload(file));
        this.uploads.push(...added);
        for (const upload of added) this.#changed(upload);
        this.#startNext();
        return added;
    }

    retry(upload) {
        if (upload.isOpen) return;
        Object.assign(upload, { state: "waiting", sentBytes: 0, problem: null });
        this.#changed(upload);
        this.#startNext();
    }

    cancel(upload) {
        if (upload.canceller) {
            upload.canceller.abort();
        } else if (upload.state === "waiting") {
            this.#end(upload, "failed", { problem: Problem.cancelled() });
        }
    }

    /** Takes those out that are not on their way any more; `remove` hears of each that went. */
    clear(uploads = this.uploads) {
        for (const upload of uploads.filter((upload) => !upload.isOpen)) {
            this.uploads = this.uploads.filter((other) => other !== upload);
            this.dispatchEvent(new CustomEvent("remove", { detail: upload }));
        }
    }

    /** Ends everything, and forgets it: nothing more is heard of these uploads. */
    reset() {
        const removed = this.uploads;
        this.uploads = [];
        this.#link = null;
        for (const upload of removed) {
            this.cancel(upload);
            this.dispatchEvent(new CustomEvent("remove", { detail: upload }));
        }
    }

    /** Goes on with those that wait, now that there is a key again. */
    resume() {
        this.#startNext();
    }

    #startNext() {
        if (this.#key() === null) return;
        let free = PARALLEL_MAX - this.uploads.filter((upload) => upload.isUnderWay).length;
        for (const upload of this.uploads) {
            if (free === 0) break;
            if (upload.state !== "waiting") continue;
            free -= 1;
            this.#run(upload);
        }
    }

    async #run(upload) {
        upload.state = "sending";
        upload.canceller = new AbortController();
        this.#changed(upload);
        try {
            const id = await this.#send(upload);
            this.#end(upload, "done", { id, sentBytes: upload.file.size });
        } catch (problem) {
            this.#end(upload, "failed", { problem });
        }
        this.#startNext();
    }

    async #send(upload) {
        const link = await this.#currentLink();
        try {
            return await this.#sendTo(link, upload);
        } catch (problem) {
            const isLinkOver = ["link_expired", "link_not_found"].includes(problem.code);
            if (!isLinkOver) throw problem;
        }
        // Several uploads may find the same link expired; the first one replaces it for all.
        if (this.#link === link.promise) this.#link = null;
        return this.#sendTo(await this.#currentLink(), upload);
    }

    #sendTo(link, upload) {
        const { file, canceller } = upload;
        if (canceller.signal.aborted) throw Problem.cancelled();
        return api.upload({
            key: this.#key() ?? "",
            uploadId: link.upload_id,
            file,
            signal: canceller.signal,
            onProgress: (sentBytes) => {
                if (!upload.isUnderWay) return;
                upload.sentBytes = sentBytes;
                upload.state = sentBytes < file.size ? "sending" : "storing";
                this.#changed(upload);
            },
        });
    }

    async #currentLink() {
        const promise = this.#link ??= this.#newLink();
        try {
            return { ...(await promise), promise };
        } catch (problem) {
            if (this.#link === promise) this.#link = null;
            throw problem;
        }
    }

    async #newLink() {
        const key = this.#key() ?? "";
        try {
            return await api.link(key, LINK_SECONDS);
        } catch (problem) {
            // The operator allows only shorter ones.
            if (problem.code !== "invalid_expiry") throw problem;
            return api.link(key);
        }
    }

    #end(upload, state, values) {
        Object.assign(upload, values, { state, canceller: null });
        this.#changed(upload);
    }

    #changed(upload) {
        if (!this.uploads.includes(upload)) return;
        this.dispatchEvent(new CustomEvent("change", { detail: upload }));
    }
}
