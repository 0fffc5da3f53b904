#pragma once

#include <string_view>

namespace tributary {

// What a landing page loads where an ad platform forbids redirects. DOC: docs/script.md
inline constexpr std::string_view kTrackingScript = R"js((function (window, document) {
  "use strict";
  var script = document.currentScript;
  if (!script || !script.src) return;
  var campaign = script.getAttribute("data-campaign") || "";
  var reported = (window.tributary_reported = window.tributary_reported || {});
  if (reported[campaign]) return;
  reported[campaign] = true;
  var endpoint = script.getAttribute("data-endpoint") || new URL("/t/", script.src).href;
  var query = window.location.search.slice(1, 4096);
  var referrer = encodeURIComponent(document.referrer.slice(0, 1024));
  var url = endpoint + encodeURIComponent(campaign) + "?" + (query ? query + "&" : "") + "tr_referrer=" + referrer;

  function done(click) {
    window.tributary = click;
    document.dispatchEvent(new CustomEvent("tributary:click", { detail: click }));
  }
  function image() {
    new Image().src = url + "&tr_answer=gif";
  }

  if (!window.fetch) return image();
  window.fetch(url, { mode: "cors", credentials: "omit", keepalive: true, cache: "no-store" }).then(
    function (answer) {
      return answer.ok ? answer.json().then(done) : undefined;
    },
    image
  );
})(window, document);
)js";

// The smallest transparent picture.
inline constexpr std::string_view kEmptyGif{
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00"
    "\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b",
    43};

}  // namespace tributary
