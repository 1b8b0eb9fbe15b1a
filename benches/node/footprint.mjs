// What loading a package adds to a fresh Node: one require, timed and weighed, as JSON.
//     node footprint.mjs FOLDER NAME       NAME is resolved from FOLDER
import { createRequire } from 'node:module';
import path from 'node:path';

const [folder, name] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(folder), 'package.json'));
const before = process.memoryUsage().rss;
const start = process.hrtime.bigint();
require(name === '.' ? path.resolve(folder) : name);
const spent = Number(process.hrtime.bigint() - start);
process.stdout.write(JSON.stringify({ ms: spent / 1e6, kib: (process.memoryUsage().rss - before) / 1024 }));
