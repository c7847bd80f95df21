// Progressive enhancement only: a read-out on the chart, by pointer and by keyboard, live numbers
// over server-sent events, and a button for Web Push. All but the last is on the page without it too.
const time = minute => new Date(minute * 6e4).toISOString().slice(11, 16);
for (const figure of document.querySelectorAll('[data-values]')) {
  const { from, step, values } = figure.dataset;
  const rows = values.split(' ');
  const plot = figure.querySelector('svg');
  const out = document.createElement('output');
  let at = rows.length - 1;
  out.className = 'readout';
  figure.append(out);
  const show = i => {
    at = Math.max(0, Math.min(rows.length - 1, i));
    out.textContent = `${time(+from + at * step)} UTC: ${rows[at]}`;
    out.style.insetInlineStart = `${(at + 0.5) / rows.length * 100}%`;
    out.dataset.side = at > rows.length * 0.8 ? 'end' : 'start';
    out.hidden = false;
  };
  const hide = () => { out.hidden = true; };
  hide();
  plot.addEventListener('pointermove', e => {
    const box = plot.getBoundingClientRect();
    show(Math.floor((e.clientX - box.left) / box.width * rows.length));
  });
  plot.addEventListener('pointerleave', hide);
  plot.setAttribute('tabindex', '0');
  plot.addEventListener('keydown', e => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -15, PageDown: 15, Home: -rows.length, End: rows.length }[e.key];
    if (by) { e.preventDefault(); show(at + by); }
  });
  plot.addEventListener('focus', () => show(at));
  plot.addEventListener('blur', hide);
}
const ages = document.querySelectorAll('[data-ago]');
const age = () => {
  for (const place of ages) {
    const s = Math.round((Date.now() - Date.parse(place.dateTime)) / 1e3);
    if (s >= 0 && s < 600) place.textContent = place.dataset.ago.replace('#', s);
  }
};
if (ages.length) { age(); setInterval(age, 1e3); }
const live = document.body.dataset.live;
if (live && !navigator.connection?.saveData) {
  let events;
  const open = () => {
    events = new EventSource(live);
    events.addEventListener('tick', e => {
      for (const [name, text] of Object.entries(JSON.parse(e.data))) {
        for (const place of document.querySelectorAll(`[data-live="${name}"]`)) place.textContent = text;
      }
    });
  };
  document.addEventListener('visibilitychange', () => {
    events?.close();
    if (!document.hidden) open();
  });
  addEventListener('pagehide', () => events?.close());
  open();
}
const push = document.querySelector('#push');
if (push && 'serviceWorker' in navigator && 'PushManager' in window) {
  const { key, slug, stop, done, left, failed } = push.dataset;
  const button = push.querySelector('button'), out = push.querySelector('output');
  const start = button.textContent, noted = `push:${slug}`;
  const isOn = () => localStorage.getItem(noted) === '1';
  const show = () => { button.textContent = isOn() ? stop : start; };
  const active = worker => new Promise(ready => {
    const coming = worker.installing ?? worker.waiting;
    if (worker.active || !coming) return ready(worker);
    coming.addEventListener('statechange', () => { if (coming.state === 'activated') ready(worker); });
  });
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const { pushManager } = await active(await navigator.serviceWorker.register('/assets/push.js'));
      const subscription = await pushManager.getSubscription()
        ?? await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = subscription.toJSON();
      const body = new URLSearchParams({ endpoint, ...keys, ...isOn() && { leave: 1 } });
      for (const it of isOn() ? [] : push.querySelectorAll('input,select'))
        if (it.value && (it.type !== 'checkbox' || it.checked)) body.append(it.name, it.value);
      const answer = await fetch(`/s/${slug}/push`, { method: 'POST', body });
      if (!answer.ok) throw (await answer.json()).detail;
      out.textContent = isOn() ? left : done;
      localStorage.setItem(noted, isOn() ? '0' : '1');
    } catch (why) { out.textContent = typeof why === 'string' ? why : failed; }
    button.disabled = false;
    show();
  });
  show();
  push.hidden = false;
}
