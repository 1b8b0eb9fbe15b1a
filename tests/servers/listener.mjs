// What both servers share: sockets on the loopback address, the line that says they are ready, the control endpoint,
// and an end when the test ends.

import { createServer } from 'node:http';

/** Lets a server listen on 127.0.0.1, on a port that is free or on the one that it had; answers the port. */
export const listen = (server, port = 0) =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });

/** Has a server that is up refuse connections. */
export const closed = (server) =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Lets it listen again at the port that it had. */
export const reopened = async (server, port) => {
  // A port that was given up may be lent for a moment to somebody's outgoing connection.
  for (let tries = 0; !server.listening; tries += 1) {
    try {
      await listen(server, port);
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

/** The one line on stdout. */
export const announce = (facts) => process.stdout.write(`${JSON.stringify(facts)}\n`);

/** Ends the process with its test: when stdin closes, since a parent that is killed sends no signal. */
export const endWithParent = () => {
  const end = () => process.exit(0);
  process.stdin.on('end', end).on('close', end).on('error', end).resume();
  process.on('SIGTERM', end).on('SIGINT', end);
};

/** The whole body of a request. */
export const bodyOf = async (request) => {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
};

/**
 * A listener that answers `METHOD /path` with what `routes['METHOD /path'](parameters)` returns, as JSON. Parameters
 * are those of the query and of a form in the body. What a route throws is a 400 with its message.
 */
export const control = async (routes) => {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://control');
    const form = new URLSearchParams(await bodyOf(request));
    const route = routes[`${request.method} ${pathname}`];
    let [status, answer] = [404, { error: `no ${request.method} ${pathname}; there are ${Object.keys(routes)}` }];
    if (route) {
      try {
        [status, answer] = [200, (await route(Object.fromEntries([...searchParams, ...form]))) ?? {}];
      } catch (error) {
        [status, answer] = [400, { error: error.message }];
      }
    }
    const body = JSON.stringify(answer);
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    });
    response.end(body);
  });
  return `http://127.0.0.1:${await listen(server)}`;
};
