// A person without a browser: keeps cookies, follows redirects on our host, fills in forms as they are served.

export class Person {
  /** @param {string} origin the provider's own address */
  constructor(origin) {
    this.origin = origin;
    this.cookies = new Map();
  }

  /** Goes to an address and on along redirects, until a page comes or an address outside the provider. */
  async go(address, options = {}) {
    let next = new URL(address, this.origin);
    let request = options;
    for (let hop = 0; hop < 20; hop += 1) {
      if (next.origin !== this.origin) return { away: next };
      const headers = { ...request.headers, cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join("; ") };
      const answer = await fetch(next, { ...request, headers, redirect: "manual" });
      for (const line of answer.headers.getSetCookie()) {
        const [pair] = line.split(";");
        const at = pair.indexOf("=");
        const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
        if (value === "" || /max-age=0/i.test(line)) this.cookies.delete(name);
        else this.cookies.set(name, value);
      }
      const location = answer.headers.get("location");
      if (answer.status >= 300 && answer.status < 400 && location) {
        next = new URL(location, next);
        request = {};
        continue;
      }
      const text = await answer.text();
      // The page that leaves for the application, as a browser follows it.
      const leaves = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(text);
      if (leaves) {
        next = new URL(decode(leaves[1]), next);
        request = {};
        continue;
      }
      return { status: answer.status, address: next, text };
    }
    throw new Error(`too many redirects at ${next}`);
  }

  /** Submits the form of the page whose action ends like this, with these fields over the hidden ones. */
  submit(page, action, fields) {
    for (const [form, attributes] of page.text.matchAll(/<form([^>]*)>[\s\S]*?<\/form>/g)) {
      const to = decode(/action="([^"]*)"/.exec(attributes)?.[1] ?? "");
      if (!to.endsWith(action)) continue;
      const body = new URLSearchParams();
      for (const [input] of form.matchAll(/<input[^>]*>/g)) {
        const read = (name) => decode(new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? "");
        if (read("type") !== "checkbox" && read("name")) body.set(read("name"), read("value"));
      }
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      return this.go(new URL(to, page.address), {
        method: "POST",
        body,
        headers: { origin: this.origin, "sec-fetch-site": "same-origin" },
      });
    }
    throw new Error(`no form to ${action} at ${page.address} (${page.status}):\n${page.text}`);
  }
}

function decode(text) {
  return text.replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)))
    .replace(/&quot;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
