// For work on the page: builds it again whenever a source changes, serves it, and passes everything else to a daemon.
// Usage: npm run dev -- [DAEMON] [PORT]          127.0.0.1:7071 and 7080
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const [daemon = '127.0.0.1:7071', port = '7080'] = process.argv.slice(2);
const kPlaceholder = '@FUTURED_TOKEN@';
const kFiles = {
  '/': ['index.html', 'text/html'],
  '/assets/app.js': ['assets/app.js', 'text/javascript'],
  '/assets/app.css': ['assets/app.css', 'text/css'],
  '/assets/icon.svg': ['assets/icon.svg', 'image/svg+xml'],
};
const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// The daemon's own page has the token that its calls need.
async function token() {
  const page = await fetch(`http://${daemon}/`).then((answer) => answer.text(), () => '');
  return /name="futured-token" content="([0-9a-f]*)"/.exec(page)?.[1] ?? '';
}

async function serveFile([name, type], answer) {
  let text = await readFile(join(web, 'dist', name), 'utf8');
  if (name === 'index.html') text = text.replace(kPlaceholder, await token());
  answer.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Security-Policy': kPolicy, 'Cache-Control': 'no-store' });
  answer.end(text);
}

function pass(asked, answer) {
  const headers = { ...asked.headers, host: daemon };
  const passed = request(`http://${daemon}${asked.url}`, { method: asked.method, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
  });
  passed.on('error', () => answer.destroy());
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
}

const build = spawn(process.execPath, [join(web, 'build.mjs'), '--watch'], { stdio: ['pipe', 'inherit', 'inherit'] });
process.on('exit', () => build.kill());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
createServer((asked, answer) => {
  const file = kFiles[asked.url ?? ''];
  if (file) serveFile(file, answer).catch(() => answer.destroy());
  else pass(asked, answer);
}).listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/ of the daemon at ${daemon}`));
