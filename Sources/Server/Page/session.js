// The key, for as long as the tab lives: sessionStorage is its own and goes with it.

const NAME = "image-service-key";

// Where storage is switched off the key lasts until the page is left.
let fallback = null;

export function key() {
    try {
        return sessionStorage.getItem(NAME) ?? fallback;
    } catch {
        return fallback;
    }
}

export function keep(newKey) {
    fallback = newKey;
    try {
        sessionStorage.setItem(NAME, newKey);
    } catch {
        // Kept in memory above.
    }
}

export function forget() {
    fallback = null;
    try {
        sessionStorage.removeItem(NAME);
    } catch {
        // Nothing was stored.
    }
}
