// A person at a browser without one: keeps cookies, follows redirects, fills in the forms of oidc-provider, and stops
// where the browser would leave the provider for the program that is under test.

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const unescape = (text) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);

/** A page's only form: where it goes, and the fields that it brings along. */
const formOf = (html) => {
  const [form] = html.match(/<form [^>]*>[^]*?<\/form>/) ?? [];
  if (!form) return undefined;
  const attribute = (tag, name) => unescape(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? '');
  const fields = {};
  for (const [tag] of form.matchAll(/<input [^>]*>/g)) fields[attribute(tag, 'name')] = attribute(tag, 'value');
  return { action: attribute(form, 'action'), fields };
};

export class Browser {
  #cookies = new Map();
  #origin;

  /** A browser that knows one provider. */
  constructor(origin) {
    this.#origin = origin;
  }

  /**
   * Opens an authorization URL, logs in and consents. `deny` is where the user gives up: `login`, or anything else,
   * which means at the consent. Answers `{callback}`, the URL that the provider redirects to, or
   * `{callback_url, form}`, what it has the browser post there.
   */
  authorize(url, { login, deny }) {
    return this.#walk(url, (fields, html) => {
      const { prompt } = fields;
      const cancel = html.match(/href="([^"]*\/abort)"/)?.[1];
      if (deny && (prompt === 'consent' || deny === 'login')) return { open: unescape(cancel) };
      return { fields: prompt === 'login' ? { prompt, login, password: 'any' } : fields };
    });
  }

  /** Opens a logout URL and says yes. Answers `{callback}`, or `{}` if the provider keeps the browser. */
  logout(url) {
    return this.#walk(url, (fields) => ({ fields: { ...fields, logout: 'yes' } }));
  }

  async #walk(url, answer) {
    let page = await this.#visit(url);
    for (let steps = 0; steps < 20; steps += 1) {
      if (page.location) {
        if (new URL(page.location).origin !== this.#origin) return { callback: page.location };
        page = await this.#visit(page.location);
        continue;
      }
      const form = formOf(page.html);
      const encoded = form && new URLSearchParams(form.fields).toString();
      if (form && new URL(form.action, page.url).origin !== this.#origin) {
        return { callback_url: form.action, form: encoded };
      }
      if (page.status >= 400) throw new Error(`the provider answered ${page.status}: ${page.html.slice(0, 2000)}`);
      if (!form) return {};
      const { open, fields } = answer(form.fields, page.html);
      page = open
        ? await this.#visit(new URL(open, page.url).href)
        : await this.#visit(new URL(form.action, page.url).href, new URLSearchParams(fields));
    }
    throw new Error(`still at ${page.url} after 20 pages`);
  }

  async #visit(url, body) {
    const { pathname } = new URL(url);
    const cookies = [...this.#cookies.values()].filter(({ path }) => pathname.startsWith(path));
    const headers = { Cookie: cookies.map(({ pair }) => pair).join('; '), Accept: 'text/html' };
    const response = await fetch(url, { method: body ? 'POST' : 'GET', body, headers, redirect: 'manual' });
    for (const header of response.headers.getSetCookie()) this.#keep(header);
    const location = response.headers.get('location');
    return {
      url,
      status: response.status,
      location: location && new URL(location, url).href,
      html: await response.text(),
    };
  }

  #keep(header) {
    const [pair, ...attributes] = header.split(/;\s*/);
    const attribute = (name) =>
      attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const path = attribute('path') ?? '/';
    const key = `${path} ${pair.split('=')[0]}`;
    const expires = attribute('expires');
    if (expires && Date.parse(expires) < Date.now()) this.#cookies.delete(key);
    else this.#cookies.set(key, { path, pair });
  }
}
