// The worker that shows what this site tells a browser, also while no page of it is open. It does
// nothing else: no page goes through it, and nothing is kept.
addEventListener('push', e => {
  const { title, body, url, tag } = e.data.json();
  e.waitUntil(registration.showNotification(title, { body, tag, data: url, icon: '/assets/favicon.svg' }));
});
addEventListener('notificationclick', e => {
  e.notification.close();
  if (e.notification.data) e.waitUntil(clients.openWindow(e.notification.data));
});
