// Uploads files with Node's own fetch and FormData, reads them back, and prints the answer:
//     node upload_with_fetch.mjs <server> <upload path> <key> <file...>
// Ends with 1 when what comes back differs from what was sent.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const [server, uploadPath, key, ...paths] = process.argv.slice(2);
const form = new FormData();
const contents = new Map();
for (const path of paths) {
    const content = await readFile(path);
    contents.set(basename(path), content);
    form.append('image_files', new Blob([content]), basename(path));
}
const upload = await fetch(server + uploadPath, {
    method: 'POST', headers: { 'x-api-key': key }, body: form,
});
const ids = await upload.json();
if (!upload.ok) throw new Error(`${upload.status} ${JSON.stringify(ids)}`);
for (const [name, content] of contents) {
    const image = await fetch(`${server}/api/images/${ids[name]}`);
    const received = Buffer.from(await image.arrayBuffer());
    if (image.status !== 200 || !received.equals(content)) throw new Error(`${name} differs`);
}
console.log(JSON.stringify(ids));
