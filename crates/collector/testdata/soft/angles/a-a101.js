/*! Wavvly Embed 2.14.0 | (c) Wavvly Inc. */
!function(w,d){"use strict";
var M={404:"This wave has rolled away.",403:"This wave is private.",429:"Easy there, too many requests.",500:"Something went wrong. Please try again later.",503:"Wavvly is temporarily unavailable."};
function WavvlyError(c){this.name="WavvlyError";this.code=c;this.message=M[c]||"Unknown error"}
WavvlyError.prototype=Object.create(Error.prototype);
function fail(n,c){var p=d.createElement("p");p.className="wv-error";p.textContent=new WavvlyError(c).message;n.replaceChildren(p)}
function mount(n){var id=n.getAttribute("data-wave");if(!id)return fail(n,404);
fetch("https://api.wavvly.com/oembed?id="+encodeURIComponent(id)).then(function(r){if(!r.ok)throw new WavvlyError(r.status);return r.json()}).then(function(j){n.innerHTML=j.html}).catch(function(e){console.error("[wavvly] fatal:",e);fail(n,e.code||500)})}
w.Wavvly={version:"2.14.0",mount:mount};
"loading"===d.readyState?d.addEventListener("DOMContentLoaded",run):run();
function run(){[].forEach.call(d.querySelectorAll("[data-wave]"),mount)}
}(window,document);
