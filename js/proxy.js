// Which proxy a request goes through, as the environment says. A chunk of its own: most never need it.
const { HttpProxyAgent } = require('http-proxy-agent');
const { HttpsProxyAgent } = require('https-proxy-agent');
const { getProxyForUrl } = require('proxy-from-env');

exports.agentFor = (url) => {
  const proxy = getProxyForUrl(url.href);
  if (!proxy) return false;
  // Its text may hold a password, so an error does not repeat it.
  if (!/^https?:\/\//i.test(proxy) || !URL.canParse(proxy)) {
    throw new Error(`the proxy that the environment names for ${url.protocol} is not an http or https URL`);
  }
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy) : new HttpProxyAgent(proxy);
};
