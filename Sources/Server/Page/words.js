// Numbers, sizes and days as people read them; English like the page, whatever the browser speaks.

const numbers = new Intl.NumberFormat("en");
const shortNumbers = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const shortDays = new Intl.DateTimeFormat("en", {
    day: "numeric", month: "short", timeZone: "UTC",
});
const longDays = new Intl.DateTimeFormat("en", {
    weekday: "short", day: "numeric", month: "long", timeZone: "UTC",
});

export function count(number) {
    return numbers.format(number);
}

export function counted(number, word) {
    return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

/** A size with one decimal, in the powers of ten that file managers show. */
export function size(bytes) {
    const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
    let value = bytes;
    let unit = 0;
    while (value >= 999.95 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${shortNumbers.format(value)} ${unit === 0 && bytes === 1 ? "byte" : units[unit]}`;
}

/** `2024-05-06` as `May 6`. The server's days are days of UTC. */
export function shortDay(day) {
    return shortDays.format(new Date(`${day}T00:00:00Z`));
}

export function longDay(day) {
    return longDays.format(new Date(`${day}T00:00:00Z`));
}
