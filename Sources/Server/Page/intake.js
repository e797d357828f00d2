// The three ways in: dropped, chosen, pasted. Each ends in a list of files.

// What is read of a dropped folder at most: a disk dropped by mistake is not to hang the tab.
const FOLDER_FILES_MAX = 1000;

/** Calls `take` with files while `isOpen()`; `zone` shows where to drop, `input` chooses. */
export function listen({ zone, input, isOpen, take }) {
    input.addEventListener("change", () => {
        take([...input.files]);
        // Otherwise the same file cannot be chosen twice in a row.
        input.value = "";
    });

    // The whole page takes drops: a file let go beside the zone would otherwise replace the page.
    // Entering a child comes before leaving its parent, hence the count.
    let depth = 0;
    const mark = (change) => {
        depth = change === 0 ? 0 : Math.max(0, depth + change);
        zone.classList.toggle("is-target", depth > 0 && isOpen());
    };
    addEventListener("dragenter", (event) => { if (hasFiles(event)) mark(1); });
    addEventListener("dragleave", (event) => { if (hasFiles(event)) mark(-1); });
    addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = isOpen() ? "copy" : "none";
    });
    addEventListener("drop", async (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        mark(0);
        if (isOpen()) take(await dropped(event.dataTransfer));
    });

    addEventListener("paste", (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length === 0 || !isOpen()) return;
        event.preventDefault();
        take(files);
    });
}

function hasFiles(event) {
    return event.dataTransfer?.types.includes("Files") ?? false;
}

/** The dropped files, those of dropped folders included. */
async function dropped(transfer) {
    // Both have to be read before the first await: the transfer is empty after the event.
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...transfer.files];
    if (!entries.some((entry) => entry.isDirectory)) return plain;
    const files = [];
    for (const entry of entries) await collect(entry, files);
    return files;
}

async function collect(entry, files) {
    if (files.length >= FOLDER_FILES_MAX || entry.name.startsWith(".")) return;
    if (entry.isFile) {
        files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
        return;
    }
    const reader = entry.createReader();
    while (files.length < FOLDER_FILES_MAX) {
        // In pieces, an empty one at the end (File and Directory Entries API, section 7.3).
        const children = await new Promise((resolve, reject) => {
            reader.readEntries(resolve, reject);
        });
        if (children.length === 0) return;
        for (const child of children) await collect(child, files);
    }
}
