// Runs before the first paint, so that a chosen theme does not flash. The only script that is no module.
(() => {
  const theme = localStorage.getItem('tiefsee.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
})();
