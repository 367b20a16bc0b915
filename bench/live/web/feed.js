"use strict";

// What the server says, as one connection for all the tabs of a browser. A
// browser opens no more than six connections to a server like ours, so the
// seventh tab with an event stream of its own would wait for ever, and its
// buttons with it.
//
// The file is both the shared worker that holds the connection and, in
// browsers that have no shared workers, part of the page. A page that nobody
// sees does not watch, and asks for everything anew when it is seen again.

const patience = 10_000; // ms without a word (there is a beat every 2 s) after which to connect anew

class Feed {
  #say;
  #source = null;
  #heard = 0;
  #watchdog = null;

  // say is called with {event, data} for whatever the server says, and with
  // {event: "lost"} while it can't be heard.
  constructor(say) {
    this.#say = say;
  }

  // open connects, or connects anew: the server then tells everything.
  open() {
    this.close();
    const source = this.#source = new EventSource("/events");
    this.#heard = Date.now();
    for (const event of ["all", "status", "report", "beat"]) {
      source.addEventListener(event, (e) => {
        this.#heard = Date.now();
        this.#say({ event, data: JSON.parse(e.data) });
      });
    }
    source.onerror = () => this.#say({ event: "lost" }); // it tries again by itself, but for a refusal
    this.#watchdog = setInterval(() => {
      const refused = source.readyState === EventSource.CLOSED;
      if (refused || Date.now() - this.#heard > patience) {
        this.#say({ event: "lost" });
        this.open();
      }
    }, 2000);
  }

  close() {
    clearInterval(this.#watchdog);
    this.#source?.close();
    this.#source = null;
  }
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const pages = new Set();
  const feed = new Feed((message) => {
    for (const page of pages) page.postMessage(message);
  });
  self.onconnect = ({ ports: [page] }) => {
    page.onmessage = ({ data }) => {
      if (data === "watch") {
        pages.add(page);
        feed.open();
      } else {
        pages.delete(page);
        if (pages.size === 0) feed.close();
      }
    };
  };
}
