// Bundles the page: index.html, assets/app.js, assets/app.css, assets/icon.svg.
// Usage: npm run build -- [--outdir=DIR] [--watch]
import { context } from 'esbuild';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const flags = process.argv.slice(2);
const named = flags.find((flag) => flag.startsWith('--outdir='));
const unknown = flags.find((flag) => flag !== named && flag !== '--watch');
if (unknown !== undefined) {
  console.error(`${unknown}: is none of --outdir=DIR, --watch`);
  process.exit(2);
}
// npm runs this in its own folder; a relative DIR is meant from where npm was called.
const outdir = named ? resolve(process.env.INIT_CWD ?? '.', named.slice('--outdir='.length)) : join(here, 'dist');

rmSync(outdir, { recursive: true, force: true });
mkdirSync(join(outdir, 'assets'), { recursive: true });
cpSync(join(here, 'public', 'index.html'), join(outdir, 'index.html'));
cpSync(join(here, 'public', 'icon.svg'), join(outdir, 'assets', 'icon.svg'));

const bundle = await context({
  absWorkingDir: here,
  entryPoints: [{ in: 'src/main.tsx', out: 'app' }],
  outdir: join(outdir, 'assets'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  legalComments: 'eof',
  logLevel: 'warning',
});
if (flags.includes('--watch')) {
  await bundle.watch();
} else {
  await bundle.rebuild();
  await bundle.dispose();
}
