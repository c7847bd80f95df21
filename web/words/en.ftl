### English, the language everything is first written in.
### Say what happened, to whom, compared with what, and what is not known.

## The frame

brand = Outcry
skip = Skip to content
nav = Main
nav-services = Services
nav-incidents = Incidents
nav-methods = Methods
nav-data = Data
notice = Notice
reconstruction = Reconstruction.
reconstruction-what = Counts follow published peaks; the rest is synthetic.
footer-honest = Outcry counts voluntary reports. A report is not a user, and a correlation is not a cause.
footer-times = Times are UTC.
footer-updated = Updated
footer-methods = How we detect
footer-data = Data and API
utc = UTC
date = { $day } { $month } { $year }
month-01 = January
month-02 = February
month-03 = March
month-04 = April
month-05 = May
month-06 = June
month-07 = July
month-08 = August
month-09 = September
month-10 = October
month-11 = November
month-12 = December
number = { $n }
percent = { $n }%
level-tiny = under 0.1
span-min = { $min } min
span-h = { $h } h
span-h-min = { $h } h { $min } min
since = since
from-start = From
until = until
find = Find a service
find-go = Find
all-services = All services
in-trouble = in trouble
still-open = still open.
still-open-short = still open

## States

severity-danger = Many more problem reports than usual.
severity-warning = More problem reports than chance explains.
severity-danger-short = Far above usual
severity-warning-short = Above usual
severity-none = Nothing unusual
usual-reports = usual reports
surge-number = { $n ->
    [1] First surge
    [2] Second surge
    [3] Third surge
    [4] Fourth surge
    [5] Fifth surge
   *[other] Surge number { $n }
}
most = { $what }: { $share } of reports.
spark-label = Reports of the last 24 hours against the usual level, { $times } times the usual now

## Home

home-title = { $bad ->
    [0] Nothing unusual
    [one] 1 service in trouble
   *[other] { $bad } services in trouble
} · Outcry
home-description = Which services people report problems with right now, compared with what is usual.
home-headline = { $bad ->
    [0] None of { $all } services is in trouble
    [1] One of { $all } services is in trouble
    [2] Two of { $all } services are in trouble
    [3] Three of { $all } services are in trouble
    [4] Four of { $all } services are in trouble
    [5] Five of { $all } services are in trouble
    [6] Six of { $all } services are in trouble
    [7] Seven of { $all } services are in trouble
    [8] Eight of { $all } services are in trouble
    [9] Nine of { $all } services are in trouble
   *[other] { $bad } of { $all } services are in trouble
}
home-lede-quiet = People report no more problems than usual for any of them. Few reports do not prove that all is well.
home-lede-young = This site has watched for less than a day and does not know yet what is usual: an outage now may open late or not at all.
home-lede-trouble = { $surges ->
    [1] People report problems with { $name }: { $times } times the usual number.
    [2] { $name } is failing for the second time within a day: { $times } times the usual number of reports.
    [3] { $name } is failing for the third time within a day: { $times } times the usual number of reports.
    [4] { $name } is failing for the fourth time within a day: { $times } times the usual number of reports.
   *[other] { $name } keeps failing, { $surges } times so far: { $times } times the usual number of reports.
} { $others ->
    [0] All others are at their usual level.
    [one] One more service is above its usual level.
   *[other] { $others } more services are above their usual level.
}
home-trouble-title = In trouble now
home-trouble-scale = The last 24 hours, worst first. All lines share one scale, and each step up doubles.
home-ended-title = Over within the last day
back-to-usual-since = back to usual since
home-quiet-title = Quiet
home-quiet-text = { $n ->
    [one] One service
   *[other] { $n } services
} at the usual level. The { $shown } with most reports are shown, on the same scale.
home-count-title = What we count
home-count-text = A surge opens when reports exceed what is usual for that service at that hour of the week, by more than chance allows, and come from several networks. Nobody presses a button.
home-know-title = What this cannot tell
home-know-text = Why. Reports say that something fails for those who report. A cause is named only when evidence other than reports shows it; until then a dossier says what is missing.

## A service

service-title = { $state ->
    [bad] { $name } is having problems
   *[calm] { $name }: nothing unusual
} · Outcry
service-title-fault = Please look again: your report about { $name } · Outcry
service-description = Is { $name } down? Problem reports compared with the usual level, for whom, and what is not known.
alias = , also { $alias }
service-headline-bad = { $surges ->
    [1] People report problems with { $name }
    [2] People report problems with { $name }, for the second time within a day
    [3] People report problems with { $name }, for the third time within a day
    [4] People report problems with { $name }, for the fourth time within a day
    [5] People report problems with { $name }, for the fifth time within a day
   *[other] People report problems with { $name }, { $surges } times within a day
}
service-headline-ended = { $surges ->
    [1] Reports about { $name } are back to usual
   *[other] Reports about { $name } are back to usual, after { $surges } surges
}
service-headline-calm = No unusual number of reports about { $name }
service-lede-bad-1 = Over the last 15 minutes reports run at
service-lede-times = {" "}times
service-lede-bad-2 = the usual level for this hour of the week.
service-lede-why = Why is not known from reports.
service-lede-calm = { $n } counted { $n ->
    [1] report
   *[other] reports
} in the last 15 minutes, where { $usual } are usual.
service-headline-young = { $name }: too early to say what is usual
service-lede-young = { $n } counted { $n ->
    [1] report
   *[other] reports
} in the last 15 minutes. How many are usual is not known yet: this site has watched for less than a day, and an outage that begins now may open late or not at all.
service-lede-ended = The last surge was over at
service-lede-silence = Few reports do not prove that { $name } works; they prove that few people reported.
mostly-usual = { $what } is named in { $share } of reports, usually in { $usual }.
mostly-alone = { $what } is named in { $share } of reports.
mostly-title = Mostly the { $what }
stat-received = Reports in the last 5 minutes
stat-received-of = {" "}counted, usually { $usual }
stat-received-young = {" "}counted; what is usual is not known yet
stat-times-young = { $n } counted; what is usual is not known yet
stat-times = Times the usual, last 15 minutes
stat-times-of = { $n } counted, usually { $usual }
stat-most = Said it was: { $what }
stat-most-none = Most often affected
stat-usually = usually { $share }
stat-works = “Works for me”, last 15 minutes
stat-works-of = counted apart, never as a problem
finding-calm = Reports stay at their usual level
finding-surge-open = Reports are above the usual level
finding-surge-over = One surge, now over
finding-surges = { $surges ->
    [2] Two surges, with { $quiet } of quiet between them
    [3] Three surges, the longest quiet between them { $quiet }
    [4] Four surges, the longest quiet between them { $quiet }
    [5] Five surges, the longest quiet between them { $quiet }
   *[other] { $surges } surges, the longest quiet between them { $quiet }
}
chart-caption = Counted problem reports over the last 24 hours. The shaded part exceeds the usual level (dashed).
chart-caption-incident = Counted problem reports from an hour before the first surge on. The shaded part exceeds the usual level (dashed).
chart-unknown = The usual level is not known yet: the line drawn is a first guess that follows the reports themselves.
chart-young = The usual level is still young: it was learnt from under two weeks, with the help of similar services.
chart-unit = { $n ->
    [1] reports a minute
   *[other] reports in { $n } minutes
}
chart-usual = Usual level
chart-usual-short = Usual
chart-missing = no data
chart-partly = partly measured
chart-table-caption = Counted reports by hour, beside what is usual
chart-now-at = now, { $time }
chart-quiet = Usual level for { $span }
chart-now = now
chart-peak = { $n } at { $time }
chart-surge = { $n ->
    [1] First surge
    [2] Second surge
    [3] Third surge
    [4] Fourth surge
    [5] Fifth surge
   *[other] Surge { $n }
}
chart-table = Read the chart as a table
chart-time = Time (UTC)
chart-counted = Counted
chart-usual-column = Usual
chart-description = Highest: { $peak } reports a minute at { $time } UTC, where { $usual } are usual.
chart-claim = Claim: { $role }
chart-claim-short = Claim
what-title = What is affected
what-caption = What people named in the last hour; the grey mark is the usual share.
what-caption-incident = What people named during its surges; the grey mark is the usual share.
what-none = Too few reports to say.
share-usually = { $share } · usually { $usual }
problems-title = What goes wrong
problems-caption = What people said about it, beside the usual share.
places-title = Where reports come from
places-caption = Reports of the last hour as a multiple of each country’s own usual level. Countries with fewer than 10 reports are merged.
places-caption-incident = Reports during its surges as a multiple of each country’s own usual level. Countries with fewer than 10 reports are merged.
places-no-database = No place database is configured here, so the place of every report is unknown.
places-scale = each step doubles
places-times = { $times }×
places-reports = { $n ->
    [1] 1 report
   *[other] { $n } reports
}
places-unknown = Place unknown, or fewer than 10 reports
places-country = Country
places-multiple = Times the usual
places-usual = usual
claims-title = What was said in public
claims-caption = Each claim in its own words, and how far the evidence carries it. “Not shown” says that nothing here shows it, not that it is false.
claims-none = No public claim about the cause has been entered.
claims-all = All claims with their rulings
claims-earlier = Earlier claims
claims-earlier-what = About other incidents. They stand apart, and nothing here follows from them.
claim-offered = Evidence offered:
claim-offered-none = No evidence was offered with it.
claim-about = Look at the original words
ruling-supported = Supported
ruling-contradicted = Contradicted
ruling-disputed = Disputed
ruling-not-shown = Not shown
ruling-does-not-carry = Does not carry the conclusion
ruling-not-testable = Not testable
reason-reports-only = Only reports were looked at, and reports do not speak about causes, sources or actors.
would-settle = Would settle it: { $what }
comments-title = What people wrote
comments-caption = Voluntary comments, shown after an operator has read them.
comments-none = No comment about { $name } has been approved yet.
earlier-title = Earlier incidents
not-known-title = What is not known
not-known-text = Only reports are looked at here: no probe, no provider’s notice, no route and no traffic was measured. Those families of evidence are missing, which is not the same as normal.
notices-link = The operator’s own notices:

## The form

form-title = Having a problem with { $name }?
form-affected = What is affected?
form-problem = What goes wrong?
form-comment-more = Add a comment
form-comment = In your own words (optional)
form-comment-rule = At most { $max } characters. An operator reads it before anyone else does. Please leave out names and numbers.
form-send = Send report
form-works = Works for me
form-privacy = No account needed. We keep your country and network, not your address.
form-no-places = (No place database is configured here: the place stays unknown.)
form-counting = A reporter counts once in 15 minutes; everything is kept.
form-more = More
form-thanks = Thank you. Your report is stored and counted in within seconds.
form-thanks-works = Thank you. “Works for me” is counted apart from problems.
form-thanks-comment = Your comment waits for an operator.
form-faults = { $n ->
    [one] Nothing was sent yet: one answer needs another look. What you typed is still here.
   *[other] Nothing was sent yet: { $n } answers need another look. What you typed is still here.
}
fault-missing = Choose one answer here or in the other question, or press “Works for me”.
fault-unknown = “{ $given }” is not one of the answers. Choose one of: { $choices }.
fault-too-long = This has { $chars } characters; at most { $max } fit.
fault-unreadable = This holds characters that cannot be shown. Please write plain text.
fault-both-ways = “Works for me” and a problem exclude each other. Leave one out.

## Incidents

incidents-title = Incidents · Outcry
incidents-headline = Incidents
incidents-lede = Stretches of time in which people reported more problems than usual, newest first. Surges that belong together are one incident.
incidents-none = No incident has been seen yet.
older = Older incidents
incident = Incident
incident-line = { $surges ->
    [one] One surge
   *[other] { $surges } surges
}, at most { $peak } counted reports in 15 minutes where { $usual } are usual.
revision = Revision { $n }
dossier = Dossier
dossier-open = Open the dossier
dossier-title = { $name }, { $date }: dossier · Outcry
dossier-description = What was measured when { $name } had problems, what was claimed, and what is missing.
dossier-headline-open = { $surges ->
    [1] { $name } has problems; no cause is established
    [2] { $name } has problems for the second time within a day; no cause is established
    [3] { $name } has problems for the third time within a day; no cause is established
   *[other] { $name } has problems, { $surges } surges so far; no cause is established
}
dossier-headline-closed = { $surges ->
    [1] { $name }, { $date }: one surge of reports, no cause is established
    [2] { $name }, { $date }: two surges of reports, no cause is established
    [3] { $name }, { $date }: three surges of reports, no cause is established
    [4] { $name }, { $date }: four surges of reports, no cause is established
   *[other] { $name }, { $date }: { $surges } surges of reports, no cause is established
}
dossier-summary = { $received } problem reports about { $name } came in while surges were open; { $counted } of them count under the reporter rule.
scope-everywhere = No country stands out.
scope-countries = Above their own usual level, while the rest of the world is not: { $countries }.
scope-partial = Our probes fail from some places that have nothing in common.
scope-one-place = Our probes fail, from one place only.
scope-network = They come from one network, AS{ $asn }.
cause-open = Cause open
verdict-title = No cause is established
verdict-text = Reports alone cannot tell an attack from a fault: the same message appears with many causes. Nine families of evidence could speak; these did, and these are missing.
families-title = Family of evidence
families-state = Looked at
families-tell = What it says, or would say
family-looked = looked at
family-missing = missing
family-shape = Onset and shape
family-reachability = Reachability
family-content = Content
family-traffic = Traffic and logs
family-peers = Peers and shared providers
family-places = Places and networks
family-components = Components and clients
family-notices = The operator’s notices
family-testimony = Testimony
family-says-shape = When reports rose and fell. A steep start fits most causes.
family-says-reachability = Whether names, routes and connections worked.
family-says-content = Whether answers were right.
family-says-traffic = What arrived at the service’s networks.
family-says-peers = Whether other services that share a provider were in trouble at the same time.
family-says-places = Where reports came from, against each place’s own usual level.
family-says-components = What people named as affected, against the usual mix.
family-says-notices = What the operator said, and when.
family-says-testimony = What third parties say they saw.
family-would-shape = Would show when reports rose and fell.
family-would-reachability = Would show whether names, routes and connections failed, and from where: it separates floods, routing and blocking from faults inside.
family-would-content = Would show fast error pages over healthy connections, as faults inside and at providers make them.
family-would-traffic = Would show whether more arrived than left, and what: the only family that can show an attack.
family-would-peers = Would show whether services that share a provider failed together.
family-would-places = Would show whether one country or network stands alone.
family-would-components = Would show whether one client or part fails alone.
family-would-notices = Would show what the operator said and how late.
family-would-testimony = Would add what third parties measured; it is capped by who says it.
settle = What would settle it: traffic or mitigation records of the service or its networks, probes from many places, or a post-mortem that names the change.
timeline-title = What happened when
timeline-caption = Times in UTC, beginning on
event-opened = Surge { $n } opens: { $count } counted reports in 15 minutes where { $usual } are usual, from { $reporters } reporters in { $prefixes } network prefixes.
event-peak = Surge { $n } peaks: { $peak } counted reports in the 15 minutes before, where { $usual } are usual.
event-closed = Surge { $n } is over, with about { $excess } reports more than usual.
event-claim = A public claim ({ $role }): “{ $quote }”
event-claim-words = A public claim ({ $role }; { $when }; the minute is not known): “{ $quote }”
check-title = Check our work
check-text = Each revision of this incident is frozen as a case file: all that was known, and what was missing. Any statement here can be made again from it.
check-newest = Newest case file (JSON)
check-service = Page of the service
check-revisions = { $n ->
    [one] One frozen case file
   *[other] { $n } frozen case files
}

## Services and search

services-title = All services · Outcry
services-headline = { $n } services in { $categories } categories
services-lede = Everything that is watched. Each page shows problem reports against the usual level, and takes new ones.
services-add = A service is missing, or a fact is wrong? The catalogue is a folder of text files; docs/reference/catalog.md says how to change it.
search-title = Search · Outcry
search-empty = Which service?
search-headline = { $n ->
    [0] Nothing found for “{ $q }”
    [one] One service for “{ $q }”
   *[other] { $n } services for “{ $q }”
}
search-none = Try another name, or the address of its website.
missing-title = { $title } · Outcry
missing-page = This page does not exist
missing-page-detail = The address may be mistyped. Service pages are at /s/NAME, incidents at /i/ID.
missing-service = This service is not in the catalogue
missing-service-detail = Look for it by another name, or see all services.
missing-incident = There is no such incident
missing-incident-detail = An incident’s address looks like /i/x-2025-03-10-1 and never changes.
wrong-title = That did not work

## Methods

methods-title = Methods · Outcry
methods-headline = How we detect, and what we do not claim
methods-lede = Every number on these pages can be explained and run again. This page says how, with the settings this site runs with.
methods-contents = Contents
methods-count = What is counted
methods-count-1 = People report problems through a form or a program. Each report is kept as it was told: what is affected, what goes wrong, when, and from which country and network.
methods-count-2 = Not every report counts. Within { $window } minutes a reporter counts once for a service, and a network prefix with n distinct reporters counts 1 + ⌊log₂ n⌋ times: a shared address is many people, but nobody can tell how many. What is received and what counts stand side by side.
methods-count-3 = “Works for me” is counted apart and never as a problem.
methods-usual = What is usual
methods-usual-1 = For each service, country and kind of problem there are 168 usual levels, one for each hour of the week, learnt from past weeks and from the shape of similar services.
methods-usual-2 = Hours with an open surge teach nothing, and one wild hour is capped before it is learnt.
methods-usual-3 = A service that has been watched for under two weeks has a usual level that is mostly borrowed. Its page says so.
methods-surge = When a surge opens and closes
methods-surge-1 = Every ten seconds the count is compared with the usual level by a sequential test for counts that cluster (a negative-binomial Shiryaev–Roberts e-detector). It gathers the odds that reports come faster than usual, for slow leaks and steep jumps alike.
methods-surge-2 = Its threshold is set so that chance alone would open one false surge of a service in { $days } days on average, if the model of usual traffic holds.
methods-surge-3 = At least four distinct reporters are needed, from more than one network prefix. One prefix or one hosting network never opens an incident; a single access network needs ten prefixes, and the incident is then about that network.
methods-surge-4 = It closes when ten minutes are back within the usual range for five minutes. A surge that opens again within { $reopen } minutes is the same surge.
methods-incident = What an incident is
methods-incident-1 = Surges of one service no more than { $join } hours apart, with a similar mix of what people report, are one incident.
methods-incident-2 = “Far above usual” means at least three times the usual and at least twenty distinct reporters in 15 minutes. Everything else that opens is “above usual”.
methods-incident-3 = Whenever an incident changes, its case file is frozen: what was known at that moment, and which families of evidence were missing.
methods-why = Why no cause is named
methods-why-1 = Reports say that something fails. An attack, a failed change, an overload and a provider’s fault look alike to the person with the broken app.
methods-why-2 = Naming a cause needs evidence that could have shown otherwise: probes, routes, traffic, notices, testimony. A family that was not looked at is listed as missing, not as normal.
methods-why-3 = This version weighs reports only. It therefore never names a cause.
methods-claims = How public claims are treated
methods-claims-1 = A claim is entered in its exact words, with who said it, when, where and what evidence was offered. It is taken apart into assertions, and each is ruled on alone.
methods-claims-2 = “Not shown” means that our evidence speaks neither way. It never means “false”.
methods-not = What we do not claim
methods-not-1 = A report is not a user: nobody knows how many people do not report.
methods-not-2 = Few reports do not prove that a service works.
methods-not-3 = A correlation is not a cause, and an address is not a culprit.
methods-not-4 = A viral post can raise reports without any outage. The rules above make that harder, not impossible.
methods-not-5 = Reports can be forged by someone with many networks. What is counted rises with the logarithm of the reporters behind one prefix, so that this costs much and shows.
methods-privacy = What we keep about you
methods-privacy-1 = Your address is used at the moment of the report: it is looked up for a country and a network, and turned into two keys with a random secret of the day. Then it is dropped. It is in no log and no file.
methods-privacy-2 = The secret lives in memory only and is replaced every day, so that keys of different days cannot be joined and none can be turned back.
methods-privacy-3 = Kept are: the time, what you chose, country and network, the two keys, and your comment. Comments are shown only after an operator has read them.
methods-privacy-4 = Places with fewer than 10 reports are merged before anything is published.
methods-privacy-5 = There is no cookie, no account, no script of another host, and nothing on a public page depends on who looks at it.
methods-places = Places
methods-places-1 = Country and network come from a database of address registrations on this machine. They say where an address is registered, not where a person is.
methods-places-2 = Two free databases disagree on some 7% of addresses, so small differences between countries mean nothing.

## Data

data-title = Data and API · Outcry
data-headline = Take the numbers with you
data-lede = What is shown can be fetched, without a key. Every answer says when it was made and whether it is a reconstruction.
data-api = Addresses
data-address = Address
data-gives = Gives
data-services = All services, each with its state and its multiple of the usual level.
data-service = One service: counts, shares, places, the open incident.
data-series = Its last 24 hours, one row a minute: minute, received, counted, usual.
data-incidents = Incidents, newest first, 50 at a time.
data-incident = One incident with its surges.
data-case = The case file of a revision, as it was frozen.
data-report = Takes a report; answers 202 after it is on disk.
data-live = Live numbers of a service as server-sent events.
data-send = Send a report from a program
data-send-text = Give the service and at least one answer. The answer 202 comes after the report is on disk; 503 means that nothing was kept and it should be sent again.
data-terms = Terms
data-terms-text = Counts made here may be used freely with the name of the source. Imported data keeps its own licence, which is named with it.
data-caveat = Counts are voluntary reports. Please do not print them as numbers of users.
data-places = Databases of places
data-built = built

## Names of components and problems that their slug does not give

component-mobile-app = Mobile app
component-web = Website
component-api = API
component-sms = SMS
component-tv = TV
component-dns = DNS
component-atm = Cash machines
component-feed = Feed or timeline
component-login = Logging in
component-desktop-app = Desktop app
component-wifi = Wi-Fi
problem-not-loading = Does not load
problem-error-message = Error message
problem-cannot-log-in = Cannot log in
problem-cannot-post = Cannot post
problem-slow = Slow
problem-media = Pictures or videos fail
problem-crashes = Crashes
problem-other = Something else
problem-late = Late
problem-drops-out = Drops out
problem-wrong-content = Shows the wrong thing
problem-missing-content = Something is missing

## Countries that are often seen; others are shown by their code

country-US = United States
country-GB = Britain
country-DE = Germany
country-FR = France
country-ES = Spain
country-IT = Italy
country-BR = Brazil
country-MX = Mexico
country-CA = Canada
country-AU = Australia
country-JP = Japan
country-IN = India
country-NL = Netherlands
country-BE = Belgium
country-CH = Switzerland
country-AT = Austria
country-PL = Poland
country-SE = Sweden
country-NO = Norway
country-DK = Denmark
country-FI = Finland
country-IE = Ireland
country-PT = Portugal
country-TR = Türkiye
country-UA = Ukraine
country-AR = Argentina
country-CL = Chile
country-CO = Colombia
country-KR = South Korea
country-ID = Indonesia
country-PH = Philippines
country-ZA = South Africa
country-NG = Nigeria
country-KE = Kenya
country-EG = Egypt
country-SA = Saudi Arabia
country-AE = United Arab Emirates
country-SG = Singapore
country-MY = Malaysia
country-TH = Thailand
country-VN = Vietnam
country-NZ = New Zealand
country-GR = Greece
country-CZ = Czechia
country-RO = Romania
country-HU = Hungary
country-IL = Israel
country-PK = Pakistan
country-TW = Taiwan
country-HK = Hong Kong
