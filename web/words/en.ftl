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
severity-young = Too early to say
usual-reports = usual reports
severity-probes = Our probes fail; few people report it.
severity-probes-short = Fails our probes
places-fail = { $asked ->
    [1] seen from one place only
   *[other] places fail
}
surge-number = { $n ->
    [1] First surge
    [2] Second surge
    [3] Third surge
    [4] Fourth surge
    [5] Fifth surge
   *[other] Surge number { $n }
}
most = { $what }: { $share } of reports.
spark-label-young = Reports of the last 24 hours; what is usual is not known yet
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
    [0] { $name } fails our probes; few people report it.
    [1] People report problems with { $name }: { $times } times the usual number.
    [2] { $name } is failing for the second time within a day: { $times } times the usual number of reports.
    [3] { $name } is failing for the third time within a day: { $times } times the usual number of reports.
    [4] { $name } is failing for the fourth time within a day: { $times } times the usual number of reports.
   *[other] { $name } keeps failing, { $surges } times so far: { $times } times the usual number of reports.
} { $others ->
    [0] All others are at their usual level.
    [unknown] No other is above its usual level, as far as one is known.
    [one] One more service is above its usual level.
   *[other] { $others } more services are above their usual level.
}
together-provider = { $up } of { $members } services that depend on { $name } have trouble at the same time; of the { $others } others, { $rest }.
together-category = { $up } of { $members } services of the kind “{ $name }” have trouble at the same time; of the { $others } others, { $rest }.
together-country = As seen from { $name }, { $up } of { $members } services have trouble at the same time; elsewhere it is { $rest } of { $others }.
together-network = As seen from the network { $name }, { $up } of { $members } services have trouble at the same time; from other networks it is { $rest } of { $others }.
together-client = { $up } of { $members } services have trouble with the same kind of client at the same time ({ $name }); with other clients it is { $rest } of { $others }.
home-trouble-title = In trouble now
home-trouble-scale = The last 24 hours, worst first. All lines share one scale, and each step up doubles.
home-ended-title = Over within the last day
back-to-usual-since = back to usual since
home-quiet-title = Quiet
home-quiet-text = { $n ->
    [one] One service
   *[other] { $n } services
} without an open surge. The { $shown } with most reports are shown, on the same scale.
home-count-title = What we count
home-count-text = A surge opens when reports exceed what is usual for that service at that hour of the week, by more than chance allows, and come from several networks. Nobody presses a button.
home-know-title = What this cannot tell
home-know-text = Why. Reports say that something fails for those who report. A cause is named only when evidence other than reports shows it; until then a dossier says what is missing.

## A service

service-title = { $state ->
    [bad] { $name } is having problems
    [young] { $name }: too early to say
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
headline-probes = { $agreement ->
    [one_place] { $name } fails our probes, from one place only
   *[other] { $name } fails from { $failing } of the { $asked } places we look from
}
headline-probes-ended = { $name } answers our probes again
service-headline-ended = { $surges ->
    [1] Reports about { $name } are back to usual
   *[other] Reports about { $name } are back to usual, after { $surges } surges
}
service-headline-calm = No unusual number of reports about { $name }
service-lede-bad-1 = Over the last 15 minutes reports run at
service-lede-times = {" "}times
service-lede-bad-2 = the usual level for this hour of the week.
service-lede-unheard-young = { $n } reports were counted in the last 15 minutes.
service-lede-unheard = Reports are few: { $n } counted in the last 15 minutes, where { $usual } are usual.
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
stat-times-few = { $n } counted, usually { $usual }; the multiple is of 1
stat-most = Said it was: { $what }
stat-most-none = Most often affected
stat-usually = usually { $share }
stat-works = “Works for me”, last 15 minutes
stat-works-of = counted apart, never as a problem
finding-calm = Reports stay at their usual level
finding-young = What is usual is not known yet
finding-surge-open = Reports are above the usual level
finding-surge-over = One surge, now over
finding-surges = { $surges ->
    [2] Two surges, with { $quiet } of quiet between them
    [3] Three surges, the longest quiet between them { $quiet }
    [4] Four surges, the longest quiet between them { $quiet }
    [5] Five surges, the longest quiet between them { $quiet }
   *[other] { $surges } surges, the longest quiet between them { $quiet }
}
probes-title = What our probes see
probes-say = { $agreement ->
    [passing] { $asked ->
        [1] { $name } answers our probes, seen from one place only.
       *[other] { $name } answers our probes from all { $asked } places.
    }
    [local] { $name } fails from one of { $asked } places; most likely that is this place’s own trouble.
    [one_place] { $name } fails, seen from one place only: { $phase }.
    [blocked] Our probes are turned away. That says nothing about people.
    [unknown] Whether { $name } answers is not known now: nobody looked of late, or not often enough to say.
   *[other] { $name } fails from { $failing } of { $asked } places: { $phase }.
}
probes-updated = Updated
probes-ago = { $n } s ago
probes-from = { $n ->
    [0] {"."}
    [1] {" "}from one place only.
   *[other] {" "}from { $n } places.
}
probes-all = All places
probes-sum = { $failing ->
    [0] none of { $asked } fails now
   *[other] { $failing } of { $asked } fail now
}
probes-key = Part of the rounds in ten minutes that failed:
probes-level-0 = none
probes-level-1 = under 10%
probes-level-2 = 10–30%
probes-level-3 = 30–60%
probes-level-4 = over 60%
probes-missing = not known
probes-table = Read the strips as a table
probe-phase-resolve = its name is not found
probe-phase-connect = no connection is made
probe-phase-tls = no secure connection is made
probe-phase-processing = the server gives an error, or no answer
probe-phase-transfer = the answer breaks off
probe-phase-content = a page comes that says it does not work
probe-phase-condition = the answer is not what it should be
probe-phase-unknown = what fails was not told
vantage = Vantage point
vantage-says = Sees now
vantage-last = Looked last, UTC
vantage-rounds = Rounds in 24 hours
vantage-failed = Failed
vantage-passes = answers
vantage-fails = fails: { $phase }
vantage-blocked = turned away, which is not the same as down
vantage-cut-off = is cut off itself
vantage-silent = has not looked since { $time }
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
chart-time = Time
chart-counted = Counted
chart-usual-column = Usual
chart-description-young = Highest: { $peak } reports a minute at { $time } UTC; how many are usual is not known yet.
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
not-known-text-probed = Why. This page shows reports and probes; what notices, routes, traffic and third parties say stands in the dossier of an incident. What nobody looked at is missing there, which is not the same as normal.
not-known-text = Why. This page shows reports; what probes, notices, routes, traffic and third parties say stands in the dossier of an incident. What nobody looked at is missing there, which is not the same as normal.
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
form-thanks = Thank you. Your report is stored; the page shows it within seconds.
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
incidents-lede = Stretches of time in which people reported more problems than usual or our probes failed, newest first. What belongs together is one incident.
incidents-none = No incident has been seen yet.
older = Older incidents
incident = Incident
event-outage = { $agreement ->
    [one_place] Probes failed, seen from one place only: { $phase }.
   *[other] Probes failed from { $failing } of { $asked } places: { $phase }.
}
event-outage-over = Probes were answered again.
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
    [0] { $name } fails our probes; no cause is established
    [1] { $name } has problems; no cause is established
    [2] { $name } has problems for the second time within a day; no cause is established
    [3] { $name } has problems for the third time within a day; no cause is established
   *[other] { $name } has problems, { $surges } surges so far; no cause is established
}
dossier-headline-closed = { $surges ->
    [0] { $name }, { $date }: failed our probes, no cause is established
    [1] { $name }, { $date }: one surge of reports, no cause is established
    [2] { $name }, { $date }: two surges of reports, no cause is established
    [3] { $name }, { $date }: three surges of reports, no cause is established
    [4] { $name }, { $date }: four surges of reports, no cause is established
   *[other] { $name }, { $date }: { $surges } surges of reports, no cause is established
}
dossier-summary = { $received } problem reports about { $name } came in while surges were open; { $counted } of them count under the reporter rule.
scope-everywhere = No country stands out.
scope-unknown = Where it fails is not known.
scope-countries = Above their own usual level, while the rest of the world is not: { $countries }.
scope-partial = Our probes fail from some places that have nothing in common.
scope-one-place = Our probes fail, from one place only.
scope-network = They come from one network, AS{ $asn }.
cause-open = Cause open
families-title = Family of evidence
families-state = Looked at
families-tell = What it says, or would say
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
family-would-shape = Would show when reports rose and fell.
family-would-reachability = Would show whether names, routes and connections failed, and from where: it separates floods, routing and blocking from faults inside.
family-would-content = Would show fast error pages over healthy connections, as faults inside and at providers make them.
family-would-traffic = Would show whether more arrived than left, and what: the only family that can show an attack.
family-would-peers = Would show whether services that share a provider failed together.
family-would-places = Would show whether one country or network stands alone.
family-would-components = Would show whether one client or part fails alone.
family-would-notices = Would show what the operator said and how late.
family-would-testimony = Would add what third parties measured; it is capped by who says it.
timeline-title = What happened when
timeline-caption = Times in UTC, beginning on
event-opened = Surge { $n } opens: { $count } counted reports { $slice ->
    [country] from { $of } in 15 minutes
    [network] from network AS{ $of } in 15 minutes
    [component] about “{ $of }” in 15 minutes
    [problem] that say “{ $of }” in 15 minutes
   *[all] in 15 minutes
} where { $usual } are usual, from { $reporters } reporters in { $prefixes } network prefixes.
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
methods-why = How evidence becomes a share
methods-why-1 = Reports say that something fails, never why. Eight more families of evidence can speak: connections, answers, traffic, other services, places, components, notices, testimony. Each is in one state, and the table below says how probable that state is under each cause.
methods-why-2 = The start is a published share for each cause by kind of service; the product of all families, scaled to 1, is what is shown. “Unknown” never falls below 5 %.
methods-why-3 = A family that was not looked at, or below its stated coverage, says nothing. It is listed as missing, not as normal.
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
data-vantages-title = Where we look from
data-vantages-none = Nothing has been probed yet.
data-vantage-services = Services
network = Network
data-statuspage = In the shape of Statuspage
data-feeds = Feeds
data-embeds = Badges, cards and pictures
data-try = Try it
data-parameters = What goes into an address
data-document = The same for programs, as an OpenAPI 3.1 document
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

## Other names people use for a country, with commas between them.

country-also-US = USA, United States of America, America
country-also-GB = United Kingdom, UK, Great Britain
country-also-NL = The Netherlands, Holland
country-also-TR = Turkey, Turkiye
country-also-KR = Korea, Republic of Korea
country-also-AE = UAE, Emirates
country-also-VN = Viet Nam
country-also-CZ = Czech Republic

## Verdicts

state-shape-instant = Reports rose to most of their peak within six minutes.
state-shape-ramp = Reports rose over six to thirty minutes.
state-shape-slow = Reports rose over more than half an hour.
state-shape-pulsing = Reports came in three or more pulses with nearly full recovery between.
state-shape-brief = It was over within twenty minutes.
state-shape-before-event = Reports rose just before an announced event.
state-reachability-all-reachable = Names resolve and connections are made from all vantage points.
state-reachability-names-fail = The name does not resolve from most vantage points.
state-reachability-withdrawn = A prefix of the service was withdrawn.
state-reachability-rerouted = A prefix of the service was announced by or led through another network than its own.
state-reachability-to-scrubbing = A prefix of the service was moved to a network that washes floods.
state-reachability-handshake-lost = Connections are lost before a session from most vantage points.
state-reachability-refused = Connections are refused at once from most vantage points.
state-reachability-one-country = It is unreachable from one country only.
state-reachability-one-network = It is unreachable from one network only.
state-reachability-scattered = Connections fail from some vantage points here and there.
state-content-all-fine = All vantage points get good answers while people report trouble.
state-content-server-errors = Most vantage points get errors of the server over healthy connections.
state-content-edge-errors = A delivery network answers that it cannot reach the origin.
state-content-soft-failures = Answers say that they are fine and are not: an error page, an empty shell.
state-content-one-component = One part fails and the others answer.
state-content-hangs = Connections stand and answers do not come, or break off.
state-content-certificate = The certificate is expired, of another name, or not trusted.
state-content-turned-away = Most vantage points are turned away.
state-content-maintenance-page = A page says that work is being done.
state-content-one-country = Answers fail in one country or network only.
state-content-some-places = Answers fail from some places and not from others.
state-traffic-ordinary = Traffic is as usual, and no flood was found.
state-traffic-flood-during = A flood of packets, during the outage.
state-traffic-flood-ended-before = A flood of packets that was over before the outage began.
state-traffic-requests-hostile = Hostile requests: few paths, new clients, no people.
state-traffic-requests-up-human = Requests are far up and look like people: known clients, or so many more of them that ask for what is usually asked for.
state-traffic-sent-in-circles = The service sends clients in circles: they ask again because they are told to.
state-traffic-requests-up-unclear = Requests are far up, and who sends them cannot be told.
state-traffic-inflow-unanswered = Far more comes in than usual and than goes out.
state-traffic-errors-usual-load = Requests are as usual and fail.
state-traffic-traffic-gone = Traffic to the service is nearly gone.
state-peers-alone = No other service surged at about the same time.
state-peers-shared-provider = Services that share a provider with it surged, or that provider itself.
state-peers-dependants-too = Services that depend on it surged as well.
state-peers-siblings = Services of the same operator surged as well.
state-peers-many-unrelated = Three or more services that share nothing known surged as well.
state-peers-one-country-many = Three or more services of the same country surged as well.
state-peers-overshadowed = A related service surged far more, and no later.
state-peers-some-related = One or two other services surged as well.
state-places-everywhere = Reports come from everywhere, much as usual.
state-places-home = Nearly all of its audience is in one country.
state-places-one-country = Reports come from one country, and its audience is not there alone.
state-places-one-network = Reports come from one access network.
state-places-network-missing = A network that usually reports fell silent.
state-places-staged = Reports bear signs of a stage: machines, one source, the same words, the beat of a clock.
state-places-uneven = Some countries report far more above their usual level than others.
state-components-usual-mix = What is named as affected is what is named on any day.
state-components-one-feature = One feature is named far more than usual.
state-components-one-client = One client is named far more than usual.
state-components-sign-in = Signing in is named far more than usual.
state-components-control-plane = What administrators use is named, and little else.
state-components-shifted = The mix of what is named as affected has shifted.
state-notices-silent = The operator's page is read, and says nothing.
state-notices-acknowledged = The operator says that there is trouble, and not why.
state-notices-names-change = The operator names a change of its own.
state-notices-names-provider = The operator names a provider.
state-notices-names-attack = The operator names an attack.
state-notices-names-load = The operator names load.
state-notices-names-hardware = The operator names power, hardware or a building.
state-notices-names-network = The operator names routes or its network.
state-notices-names-block = The operator says that it is blocked or restricted.
state-notices-names-client = The operator names an app, an update or a browser.
state-notices-announced = Work was announced before, for this time.
state-notices-closed-on-purpose = The operator says that it closed the service on purpose.
state-notices-says-normal = The operator says that it operates normally.
cause-volumetric-attack = Flood of traffic
about-volumetric-attack = A flood at the network layer
cause-application-attack = Hostile requests
about-application-attack = Requests made to exhaust it
cause-bad-change = A change that failed
about-bad-change = A deploy, a configuration or a migration
cause-infrastructure-failure = Power or hardware
about-infrastructure-failure = Power, hardware or a building
cause-overload = Overload
about-overload = More real users than capacity
cause-upstream-failure = A provider’s failure
about-upstream-failure = A delivery network, DNS, a cloud, somebody’s API
cause-routing-failure = Routing
about-routing-failure = Routes on the internet were lost or led astray
cause-access-network-failure = An access network’s failure
about-access-network-failure = The network that connects people
cause-access-blocked = Access is blocked
about-access-blocked = A court, a government or a network closed the way
cause-client-failure = Software on people’s devices
about-client-failure = An app, an SDK or an endpoint program
cause-planned-work = Announced work
about-planned-work = Maintenance that was announced
cause-precautionary-shutdown = Closed on purpose
about-precautionary-shutdown = The operator closed it as a precaution
cause-spillover = Another service’s trouble
about-spillover = The reports are about a neighbour
cause-brigading = Staged reports
about-brigading = The reports are not about an outage
cause-unknown = Unknown
about-unknown = A cause that is not listed, or that cannot be told
group-attack = An attack of either kind
group-internal = A failure inside
group-overload = Overload
group-outside = A failure outside
group-client = Software on people’s devices
group-planned = Closed as planned or on purpose
group-not-here = The service did not fail
group-unknown = Unknown
voice-measured = A third party that measured speaks of: { $cause }
voice-name-measured = A third party that measured
voice-doubted = A third party that measured speaks of it, somebody unnamed against: { $cause }
voice-expert = A named expert speaks of: { $cause }
voice-name-doubted = A third party that measured, and somebody unnamed against it
voice-name-expert = A named expert
voice-operator = The operator speaks of: { $cause }
voice-name-operator = The operator
voice-whispered = Somebody inside, not named, speaks of: { $cause }
voice-name-whispered = Somebody inside, not named
voice-contested = Credible voices stand on both sides of: { $cause }
voice-name-contested = Voices on both sides
voice-claimed = Somebody who gains by being believed speaks of: { $cause }
voice-name-claimed = Somebody who gains by it
reason-named = The evidence names what it speaks of.
reason-otherwise-named = The evidence names something else, and what could have shown this was looked at.
reason-looked-and-otherwise = What could have shown it was looked at, and shows otherwise.
reason-voices-on-both-sides = Credible voices say it, and credible voices deny it.
reason-not-named = The evidence does not reach as far as a name, neither for it nor against it.
reason-origin-not-measured = Nothing here measures where the addresses were.
reason-address-is-no-culprit = Even if it is so: an address is a machine, and says little about who directed it.
reason-actor-not-measured = Nothing here says who did it.
reason-no-figure = No figure was given that could be compared with a measurement.
reason-words-differ = The words it ascribes are not those that were said; the original stands in this ledger.
reason-words-agree = The words it ascribes are those that were said.
reason-words-not-here = The original words are not in this ledger.
reason-other-incident = It is about another incident, which this evidence does not cover.
reason-nothing-settles = Nothing could settle it.
ruling-what-supported = Our evidence names it, or the group it belongs to.
ruling-what-contradicted = Evidence that could have shown it was looked at, and shows otherwise.
ruling-what-disputed = Credible testimony on both sides.
ruling-what-not-shown = Evidence neither way. It does not mean false.
ruling-what-does-not-carry = Even if true, it says little about what it is used for.
ruling-what-not-testable = Nothing could settle it.
refusal-share-too-small = No explanation reaches the share that is needed.
refusal-range-too-wide = The range of the leading explanation reaches too low.
refusal-few-families = Too few families of evidence speak for it.
refusal-reports-alone = Only reports speak for it, and nothing that was measured apart from them.
refusal-nothing-could-refute = Nothing was looked at that could have refuted it.
refusal-rests-on-the-prior = With other starting shares the answer would be another.
refusal-no-direct-measurement = An attack is named only when traffic, logs or routes were measured.
refusal-rests-on-one-family = Without one of the families something else would be named.
refusal-unknown-leads = That nothing can be told leads.
caveat-people-notice-late = People report when they notice, and when they are awake.
caveat-vantages-are-few = Vantage points are few, and some may share a network.
caveat-routes-only = Routes alone say nothing about connections.
caveat-error-text-says-little = The words of an error page say little: the same stand on pages of every cause.
caveat-addresses-are-not-culprits = Sources may be forged, and an address is a machine, not a person.
caveat-shared-things-may-be-unknown = What services share is known only where it is public.
caveat-registered-places = A country is where an address is registered, not where a person is.
caveat-people-choose-what-they-name = People choose what they name.
caveat-operators-have-interests = Operators know most, and have interests.
caveat-hearing-is-not-measuring = Hearing is not measuring. One article counts once.
source-reports = From reports
source-probes = From probes
source-routes = From routes
source-flows = From flows
source-logs = From access logs
source-flows-and-logs = From flows and access logs
source-operator-notices = From the operator’s notices
source-third-parties = From third parties
figure-rise-minutes = { $n } min from a tenth to most of the peak
figure-pulses = { $count ->
    [one] 1 pulse
   *[other] { $n } pulses
}
figure-surges = { $count ->
    [one] 1 surge
   *[other] { $n } surges
}
figure-peak-15min = { $n } reports in the fullest 15 min
figure-vantages = { $count ->
    [one] 1 vantage point
   *[other] { $n } vantage points
}
figure-vantages-failing = { $n } fail
figure-prefixes-changed = { $count ->
    [one] 1 prefix changed
   *[other] { $n } prefixes changed
}
figure-bps-in-max = up to { $n } bit/s in
figure-pps-in-max = up to { $n } packets/s in
figure-rps-max = up to { $n } requests/s
figure-errors-share-max = a share of errors up to { $n }
figure-bps-in-before = { $n } bit/s before
figure-rps-before = { $n } requests/s before
figure-in-out-ratio = { $n } times as many bits in as out
figure-flood-ended-before-min = the flood ended { $n } min before the outage began
figure-listened = { $n } services listened to
figure-surging = { $n } surge as well
figure-reports = { $n } reports
figure-countries = { $n } countries
figure-lead-share = largest share { $n }
figure-lead-usual = usually { $n }
figure-signs-of-a-stage = { $n } signs of a stage
figure-networks-silent = { $n } networks silent
figure-notices = { $n } notices
figure-first-word-minutes = first word after { $n } min
figure-origins = { $n } independent sources

verdict-none = { $reconstruction ->
    [yes] In this reconstruction no cause is established
   *[no] No cause is established
}
verdict-named = { $reconstruction ->
    [yes] In this reconstruction the evidence names: { $cause }
   *[no] The evidence names: { $cause }
}
verdict-what = The share of each explanation once every family of evidence that has something to say has been counted, to the nearest 5 %.
verdict-reconstruction = Some signals behind it are synthetic, made up to fit what is documented: this is the verdict on this reconstruction, not on the event.
dossier-headline-named = { $reconstruction ->
    [yes] { $name }, { $date }: in this reconstruction the evidence names { $cause }
   *[no] { $name }, { $date }: the evidence names { $cause }
}
publication-review = Under review
publication-see = See the dossier
publication-held = This page is held.
publication-held-by = { $who } holds it; shares stay, names wait.
publication-waits = { $n ->
    [0] A finding waits until two persons have approved it; until then only shares are shown.
   *[other] A finding waits for a second person; until then only shares are shown.
}
ruling-waits = The ruling waits until two persons have approved it.
ruling-evidence = Evidence:
shares-title = Explanations with share and range
shares-cause = Explanation
shares-range = Range on 0 to 100 %
shares-share = Share
shares-others = All others together
shares-axis = Lines hold 90 % of what comes out when the table’s own uncertainty is drawn anew. The dashed line at { $n } % is where naming begins.
share-about = { $n } %
share-small = under 5 %
share-range = { $low } to { $high } %
refusals = Nothing is named, because:
refusals-rule = The rule of naming
parts-title = In order of time
parts-by = by this evidence
evidence-title = Evidence, by family
evidence-caption = Each family speaks once, however many measurements stand behind it. A bar to the right speaks for what leads, to the left against it; each step doubles.
evidence-seen = What was seen
evidence-against = For or against: { $cause }
evidence-synthetic = synthetic
ratio-none = Says next to nothing about it.
ratio-for = { $times } times as probable if it is this: { $cause }.
ratio-not = { $times } times less probable if it is this: { $cause }.
evidence-missing-title = What is missing, and would help most first
missing-caption = Not looked at, or not enough. That is not the same as normal.
claim-corrected = { $n ->
    [1] Its wording was corrected once; the earlier one is kept.
   *[other] Its wording was corrected { $n } times; the earlier ones are kept.
}
claim-reply = Reply or report on it: { $role }
nav-claims = Claims
claims-index-title = Claims · Outcry
claims-index-headline = What was said, and what was shown
claims-index-lede = Public claims about causes, in their own words, each taken apart and held against the evidence of its incident.
claims-index-none = No public claim about a recent incident has been entered.
claims-index-of = { $name }, { $date }

## The form for claims

propose-link = Propose a claim for this list
propose-title = Propose a claim · Outcry
propose-title-fault = Please look again: your claim · Outcry
propose-headline = Propose a public claim
propose-lede = Somebody said in public why a service failed, and it is not here yet? Send in the exact words and where they stand. Nothing is shown before a person has checked it.
propose-service = Which service is it about?
propose-choose = Choose a service
propose-services = All services
propose-quote = The exact words
propose-quote-hint = As they were said or written, in their own language: no summary, no translation. At most { $max } characters.
propose-role = Who said it?
propose-role-hint = By role. Only what was said in public belongs here.
propose-role-owner = The owner
propose-role-operator = The operator or provider
propose-role-authority = An authority
propose-role-anonymous-insider = An anonymous insider
propose-role-group-that-claims-it = A group that claims it
propose-role-expert = An expert
propose-role-journalist = A journalist
propose-role-other = Somebody else
propose-speaker = The name
propose-speaker-hint = Only of a public figure who spoke on record.
propose-optional = (optional)
propose-when = When was it said? Date and time in UTC
propose-when-hint = As near as you know it.
propose-medium = Where was it published, in words?
propose-medium-hint = For example: a post on X, a television interview, a newspaper. At most { $max } characters.
propose-source = The address where it stands
propose-source-hint = The page on which a reader finds the words. It begins with https:// or http://.
propose-evidence = What evidence was offered with it?
propose-evidence-hint = Leave it empty if none was. At most { $max } characters.
propose-send = Send it in
propose-held = An operator looks it up, takes it apart, and enters it or does not.
propose-privacy = We ask for no name and no e-mail of yours, and keep none. Your address only limits how many claims one network sends in a minute; it is not stored.
propose-thanks = Thank you. Your claim is stored and waits for an operator. It is shown once somebody has checked it.
propose-too-many = Nothing was sent yet: too many claims came from your network this minute. What you typed is still here; wait a minute, then send it again.
propose-not-kept = Nothing was sent yet: it could not be stored at this moment. What you typed is still here; send it again in some seconds.
propose-missing-service = Choose the service it is about.
propose-missing-quote = Write the exact words here.
propose-missing-role = Choose who said it.
propose-missing-when = Give the date and the time, in UTC.
propose-missing-medium = Say where it was published.
propose-missing-source = Give the address of the page where it stands.
propose-unfit-service = “{ $given }” is none of our services. Choose one of the list.
propose-unfit-role = “{ $given }” is none of the roles. Choose one of them.
propose-unfit-when = “{ $given }” is no date with a time. Write it as 2025-03-10 17:25, in UTC.
propose-unfit-source = “{ $given }” is no address of a page. Copy it out of your browser; it begins with https:// or http://.
propose-future = This lies in the future. Here it is { $date }, { $clock } UTC.
propose-too-early = This is before { $from }. Look at the year again.
propose-said-at = { $date }, about { $clock } UTC
check-cite = Cite as: Outcry, incident { $id }, revision { $revision }, { $address }.
check-correct = Something wrong? Write to whoever runs this site, with the revision and a source; corrections are public, dated and kept.
methods-why-4 = Families count as independent once the cause is given, which is why each speaks once. Intervals come from the table’s own uncertainty, with a fixed seed, so that anyone gets the same.
methods-naming = When a cause is named
methods-naming-1 = A cause is named when its share is at least { $share } %, the lower end of its range at least { $lower } %, at least { $families } families speak for it, at least one family was observed that could have refuted it, and it survives a flat and a sceptical start and attacks taken for three times more or less frequent.
methods-naming-2 = An attack is named only with a measurement of traffic, logs or routes. Reports, and what is said, never suffice.
methods-naming-3 = Whatever one family is taken away, what is left names the same or nothing, never something else. Otherwise: no cause is established.
methods-claims-3 = Where addresses stood says little about who directed them: such an assertion is ruled on twice, once whether it is shown, and once whether it carries what it is used for.
methods-claims-4 = Rulings change by revision and nothing is deleted. A misquotation leads to the original words; claims about earlier incidents stand apart.
methods-publishing = What waits for persons
methods-publishing-1 = What is detected publishes itself. A name for an attack or for staged reports, and the ruling “contradicted”, wait until two different persons have approved that very finding. Until then the shares stand there with the words “under review”.
methods-publishing-2 = One person can hold a page at once. Every such act is logged and stands in the case file.
table-title = The likelihood table
table-caption = Version { $version }. The probability of each state when the cause is unknown, and what multiplies it under which cause, before each row is scaled to sum to 1. Each factor has a reason, an uncertainty, and the cases it was set with in mind.
table-file = The same as a file
table-priors = Where it starts from
table-states = { $n } states
table-coverage = Speaks from:
table-state = State
table-base = If unknown
table-factors = Times as often under
table-cases = Set with in mind:
table-voices = Testimony: under the true cause a voice names it so many times as often as any other. This is also its cap.
kind-site = Sites and apps
kind-provider = Providers
kind-access-network = Access networks

## Alerts

alert-what-probes = our probes fail
alert-what-danger = many more problem reports than usual
alert-what-warning = more problem reports than chance explains
alert-title-opened = { $name }: { $what }
alert-title-reopened = { $name }, again: { $what }
alert-title-worse = { $name } got worse: { $what }
alert-title-cause = { $name }: what is named as the cause has changed
alert-title-claim = { $name }: a claim about it was ruled on
alert-title-resolved = { $name }: over
alert-title-flapping = { $name } fails and recovers, again and again
alert-title-settled = { $name }: { $state ->
    [open] still open, unchanged for 15 minutes
   *[over] over, unchanged for 15 minutes
}
alert-title-escalated = Nobody has acknowledged this: { $name }: { $what }
alert-title-test = Outcry: the channel { $channel } works
alert-title-confirm = Confirm: e-mail about { $name }
alert-test = Somebody who runs this observatory asked for this test. Nothing has failed.
alert-confirm = Somebody, we hope you, asked to be told by e-mail when { $name } fails and when that is over. Open the address below and press the button to say yes.
alert-chosen = You asked for this. { $chosen }
alert-confirm-not = If it was not you, do nothing: the address is forgotten after two days.
alert-since = Since { $opened } UTC.
alert-span = From { $opened } until { $closed } UTC.
alert-opening = It opened on { $count } counted reports { $slice ->
    [country] from { $of } in 15 minutes
    [network] from network AS{ $of } in 15 minutes
    [component] about “{ $of }” in 15 minutes
    [problem] that say “{ $of }” in 15 minutes
   *[all] in 15 minutes
}, where { $usual } are usual.
alert-reports = { $n ->
    [one] Since it opened, one problem report was counted.
   *[other] Since it opened, { $n } problem reports were counted.
}
alert-probes = { $asked ->
    [1] Our probes failed, as seen from one place only.
   *[other] Our probes failed from { $failing } of { $asked } places.
}
alert-cause = Named as the cause: { $cause }.
alert-cause-none = No cause is named.
alert-claim = Claim { $claim }: { $rulings }.
alert-flapping = Each change is no longer told. Once nothing has changed for 15 minutes, we say how it stands.
alert-reconstruction = Reconstruction: made by a generator. This is not happening now.
alert-as-of = As of { $at } UTC. A report is not a user, and a correlation is not a cause.

## Being told by e-mail

subscribe-title = Be told by e-mail
subscribe-address = E-mail
subscribe-end = Only when it is over
subscribe-send = Tell me
narrow-title = Narrow it down
narrow-any = any
narrow-country = Only where it fails in
narrow-country-such = Germany, or DE
narrow-component = Only when this fails
narrow-danger = Only when it is bad: many more reports than usual, or probes that agree
narrow-cause = Only once this is named as the cause
narrow-everything = Also when it gets worse, and when a public claim about it is ruled on
chosen-service = About { $name }
chosen-news = You are told that it fails, why if a cause is named, and that it is over.
chosen-end = You are told only that it is over.
chosen-everything = You are told that it fails, that it got worse, why if a cause is named, of rulings on public claims, and that it is over.
chosen-countries = Only where it fails in: { $names }. A failure everywhere is one there too.
chosen-components = Only when it is about: { $names }.
chosen-danger = Only when it is bad: many more reports than usual, or probes that agree.
chosen-causes = Only once one of these is named as the cause: { $names }.
choice-country = “{ $given }” is no country. Write its name in English or its two letters: { $near }.
choice-country-such = Germany or DE
choice-unknown = { $field }: “{ $given }” is not known for { $service }. There are: { $known }.
choice-near = Did you mean { $near }?
choice-twice = { $field ->
    [wants] Choose only when it is over, or everything, not both. (wants can be chosen once: { $known }.)
   *[other] { $field } can be chosen once: { $known }.
}
choice-many = { $field } can be chosen { $most } times at most.
subscribe-privacy = You get one letter that asks whether it was you, and nothing more until you say yes. Each letter has an address by which you leave. The address is used for this and deleted when you do.
push-title = Be told in this browser
push-send = Tell me here
push-stop = Tell me no more
push-done = You will be told here.
push-left = You are told no more.
push-failed = That did not work. Your browser may not allow it for this site.
push-privacy = Your browser asks you first. We keep the address it gives us at its push service, which learns when a message comes and how long it is, not what it says.
subscribe-asked-title = Look into your mail
subscribe-asked-text = If the address is new here, a letter is on its way to it. Open the address in it and say yes; until then nothing else is sent. An address that was asked before keeps what it chose then.
subscribe-bad-address-title = That is no address of e-mail
subscribe-bad-address-text = Nothing was kept. Go back and write one such as ada@people.example.
subscribe-bad-choice-title = Something you chose is not known
subscribe-bad-choice-text = Nothing was kept. Go back and choose again.
subscribe-full-title = No room at this moment
subscribe-full-text = Too many addresses wait for their answer. Nothing was kept; try again tomorrow.
subscribe-confirm-title = Shall we write to you?
subscribe-confirm-text = Press the button, and you are told by e-mail from now on.
subscribe-confirm-send = Yes, tell me
subscribe-confirmed-title = You will be told
subscribe-confirmed-text = Each letter has an address by which you leave.
subscribe-leave-title = Shall we stop?
subscribe-leave-text = Press the button, and your address is deleted here. To choose otherwise, do so and ask again on the page of the service.
subscribe-leave-send = Stop, and delete my address
subscribe-left-title = Your address is deleted
subscribe-left-text = No further letter is sent to it about this service.
subscribe-unknown-title = This address leads nowhere any more
subscribe-unknown-text = It was used already, is older than two days, or was cut off on its way. Nothing was changed.
## The interface: addresses, and what goes into them

openapi-title = Outcry
openapi-description = What is shown can be fetched, without a key. Counts are voluntary reports: please do not print them as numbers of users. Times are UTC. Every answer in JSON says as of when it was made, from how many vantage points, and whether the observatory is well.
openapi-ok = All is well.
openapi-not-modified = You have it already.
openapi-unreadable = Something in the request does not fit; the detail says what to write instead.
openapi-missing = There is no such thing; the detail says where to look.
openapi-too-many = Too many this minute from this network; see Retry-After.
openapi-unavailable = Not readable, or not kept, at this moment; see Retry-After.
openapi-unwell = Signals are not taken or not worked through.
openapi-full = Too many follow already; come back later.
openapi-cross-site = A page of another site sends this.
openapi-slow = The body came too slowly.
openapi-large = The body is too large.
openapi-head = The head of the request, with its address, is larger than 16 kB.
openapi-media = The body is not plain JSON.
openapi-fields = Fields of the report are wrong; each is listed, and nothing was kept.
api-openapi = This interface as an OpenAPI 3.1 document.
api-services = All services, each with its state and its multiple of the usual level.
api-service = One service: counts, shares, places, probes, the open incident.
api-series = Counts of one service in any step over any range; the last 24 hours by minutes if nothing is said.
api-series-csv = The same as comma-separated values.
api-reports = Reports of whole days summed up by what is affected, what goes wrong and country.
api-crowd = One service in the vocabulary of Downdetector: levels, 96 values of a quarter of an hour, baseline, indicators.
api-incidents = Incidents, newest first.
api-incident = One incident with its surges and what probes saw.
api-verdict = What the evidence says about the cause of one incident, in shares.
api-incident-claims = Public claims about one incident, each with its rulings.
api-verdicts = Verdicts of incidents, newest first.
api-claims = Public claims about incidents, newest incident first.
api-vantages = Where we look from: each vantage point, its country and network, and when it looked last.
api-health = Whether signals are taken and worked through.
api-report = Takes a report; answers 202 after it is on disk.
api-case = The case file of a revision, as it was frozen.
api-likelihoods = The table that verdicts are worked out with.
api-live = Live numbers of a service as server-sent events.
api-healthz = Whether signals are taken and worked through, for load balancers: 503 when not.
api-status-summary = All services as Statuspage v2: page, status, components, open incidents.
api-status-status = The indicator over all services.
api-status-components = All services as components.
api-status-incidents = The latest incidents.
api-status-unresolved = Incidents that are open.
api-status-maintenances = Planned maintenance: always none, since we plan none of theirs.
api-status-upcoming = Maintenance to come: always none.
api-status-active = Maintenance under way: always none.
api-service-summary = One service as Statuspage v2: page, status, components, open incidents.
api-service-status = The indicator of one service.
api-service-components = The components of one service.
api-service-incidents = The latest incidents of one service.
api-service-unresolved = Incidents of one service that are open.
api-service-maintenances = Planned maintenance of one service: always none.
api-service-upcoming = Maintenance to come of one service: always none.
api-service-active = Maintenance under way of one service: always none.
api-health-badge = Whether there is trouble now, as a badge, at the address of Gatus.
api-health-shield = The same as shields.io reads it.
api-uptime-badge = The share of a window without trouble, as a badge.
api-uptime-shield = The same as shields.io reads it.
api-badge = Whether there is trouble now, as a badge.
api-shield = The same as shields.io reads it.
api-card = A card of one service, for a frame on another site.
api-picture = A picture of one service, for previews in chats.
api-oembed = oEmbed 1.0: what to put in for the address of a service.
api-feed-all = All incidents.
api-feed-service = Incidents of one service.
api-feed-country = Incidents in one country: it fails there, people there report it, or the service is from there.
api-feed-category = Incidents of one category.
api-feed-claims = Claims with their rulings.
api-feed-claim = One claim with its rulings.
param-slug = Slug of a service, such as x.
param-id = Id of an incident, such as x-2025-03-10-1.
param-service = Only of this service.
param-category = Slug of a category, such as social.
param-country = A country as two letters, such as US.
param-claim = Name of a claim, such as owner-attack.
param-key = GROUP_NAME as in Gatus: category and slug, or the slug alone.
param-window = 1h, 24h, 7d or 30d.
param-form = rss.xml, atom.xml or feed.json.
param-name = Name of a file.
param-from = From this time on, such as 2025-03-10T13:00:00Z; widened to whole steps.
param-until = Up to this time.
param-before = Only those that opened before this time.
param-step = Length of a step: minutes, hours or days, such as 5m, 1h or 1d.
param-of = What is counted: all, works, affected:NAME or problem:NAME.
param-first-day = The first day, such as 2025-03-09, UTC.
param-last-day = The last day; today if nothing is said.
param-state = any or open.
param-cursor = Where the list goes on; take the whole address under next as it is.
param-limit = How many at most.
param-revision = Which revision; the newest if nothing is said.
param-reported = What was just reported.
param-proposed = 1 when a claim was just proposed.
param-t = The token of the letter.
param-q = What to look for.
param-url = The address of the page of a service on this site.
param-format = json
param-maxwidth = The most pixels there are across.
param-maxheight = The most pixels there are down.

## Badges, cards, feeds and Statuspage

badge-fine = nothing unusual
badge-warning = above usual
badge-probes = probes fail
badge-danger = trouble
badge-unknown = not known yet
badge-quiet = no incident, { $window }
card-counted = { $n ->
    [one] 1 problem report counted in 15 minutes
   *[other] { $n } problem reports counted in 15 minutes
}
card-times = { $times } times the usual level.
card-trouble = Trouble
embed-title = { $name } · Outcry
feed-title = Outcry: { $about }
feed-description = Counts are voluntary reports, not users. An entry is updated when its incident closes.
feed-all = all incidents
feed-claims = claims about causes
feed-claim = the claim { $claim }
feed-open = { $name }: trouble since { $opened }
feed-closed = { $name }: trouble from { $opened } is over
feed-peak = { $peak } problem reports counted in the fullest 15 minutes, { $usual } are usual.
feed-probes = Probes failed from { $failing } of { $asked } places.
feed-over = Over since { $closed }.
feed-cause = The cause does not follow from this; the dossier says what the evidence shows.
feed-claim-said = { $role }: “{ $quote }”
statuspage-unknown = Not known yet
statuspage-none = Nothing unusual
statuspage-minor = More problem reports than usual, or probes fail in some places
statuspage-major = Trouble in some places, or with some services
statuspage-critical = Far more problem reports than usual, or probes fail everywhere
statuspage-incident = Trouble with { $name }, seen from outside
statuspage-by-reports = People report far more trouble with { $name } than usual. This is seen from outside; it is not the provider's word.
statuspage-by-probes = Our probes of { $name } fail. This is seen from outside; it is not the provider's word.
statuspage-by-both = People report more trouble with { $name } than usual, and our probes fail. This is seen from outside; it is not the provider's word.
statuspage-resolved = Reports about { $name } are usual again, and no probe fails.
traffic-analysis = Analysis of files
traffic-console = The operator's console
traffic-console-what = What your exporters tell, a moment ago. Nothing on this page is public, and no address of a source is on it.
traffic-as-of = { $date }, { $time } UTC
traffic-nothing-yet = Nothing came yet. Let an exporter send here.
traffic-now = { $n ->
    [0] No attack is going on
    [one] One attack is going on
   *[other] { $n } attacks are going on
}
traffic-found = { $n ->
    [0] No attack was found
    [one] One attack was found
   *[other] { $n } attacks were found
}
traffic-no-proof = That is no proof that there was none: a file shows one place for one stretch of time.
traffic-read = Read { $what } from { $files }.
traffic-span = { $date }, { $from } to { $until } UTC.
traffic-packets = { $n ->
    [one] one packet
   *[other] { $n } packets
}
traffic-flows = { $n ->
    [one] one flow record
   *[other] { $n } flow records
}
traffic-requests = { $n ->
    [one] one request
   *[other] { $n } requests
}
traffic-datagrams = { $n ->
    [one] one datagram
   *[other] { $n } datagrams
}
traffic-more = { $n } more are not listed here.
traffic-on = { $what } on { $target }
traffic-on-many = { $what } on { $target }, { $n } targets
traffic-open = Going on
traffic-over = Over
traffic-carpet = spread over a whole network
traffic-pulse = in pulses
traffic-size = The fullest second had { $bps }, { $pps }.
traffic-size-least = The fullest second had at least { $bps }, { $pps }: nobody said how packets were chosen.
traffic-size-requests = The fullest ten seconds had { $rps } ({ $usual }); { $errors } were answered with an error of the server.
traffic-usual = usually { $n } in this log
traffic-usual-unknown = the log holds nothing else to compare with
traffic-numbers = The numbers
traffic-vectors = Vectors, by their share of what nobody asked for
traffic-ports = to port { $ports }
traffic-ports-many = to many ports
traffic-signs = What speaks for it:
traffic-sources = Sources
traffic-sources-n = about { $n } sources
traffic-axis = From 0 to 100 %
traffic-verdict-spoofed = About { $n } sources, forged: their addresses say nothing about where anything stands.
traffic-verdict-reflected = About { $n } reflectors: machines that answered forged questions in good faith.
traffic-verdict-handshake = About { $n } hosts that completed a handshake. A host is not who directs it.
traffic-verdict-unknown = About { $n } sources. Whether they are forged cannot be told.
traffic-withheld = Withheld
traffic-withheld-forged = Where they stand is not told, because the sources are forged.
traffic-withheld-untold = Where they stand is not told, because nobody can tell whether the sources are forged.
traffic-withheld-no-database = Where they stand is not known: no database of places was given.
traffic-withheld-no-sample = Where they stand is not known: of too few sources an address was kept.
traffic-places = Countries
traffic-places-reflected = Reflectors are in these countries, not attackers.
traffic-places-handshake = Connecting hosts are in these countries, not those who direct them.
traffic-places-caveat = The range holds the chance of the sample and the difference between databases. Countries with fewer than ten sources are merged.
traffic-country = Country
traffic-country-other = Others
traffic-country-unknown = Not in the database
traffic-share = Share of sources
traffic-range = { $low }–{ $high } %
traffic-benign = No attack, though it may look like one
traffic-class-port-scan = A scan of ports
traffic-class-host-scan = A scan of addresses
traffic-class-backscatter = Answers to packets that somebody else forged
traffic-class-flash-crowd = A crowd of real people
traffic-class-scan = A scan of paths
traffic-class-crawler = A crawler
traffic-input = What was wrong with the input
traffic-input-what = What could not be read is left out of everything above, and counted here.
traffic-input-fine = Nothing: all of it could be read.
traffic-fault = What
traffic-times = Times
traffic-unsampled = Records that do not say how packets were chosen: sizes are “at least”
traffic-database = Places: { $name }, built { $date }.
traffic-footer = Made by Outcry. It blocks nothing, and gives out no address of a source.
traffic-all = All traffic, bits a second
traffic-all-what = The last fifteen minutes, as exporters told it.
traffic-targets = Top targets
traffic-targets-what = Most octets in the last quarter of a second.
traffic-target = Target
traffic-exporters = Exporters
traffic-exporters-what = Loss is measured by each exporter's own numbers: datagrams of NetFlow v9 and sFlow, flows of v5 and IPFIX.
traffic-exporter = Exporter
traffic-received = Received
traffic-lost = Lost
traffic-lost-nothing = nothing
traffic-lost-share = { $n } %
traffic-seen = Last seen, UTC
traffic-domain = domain { $n }
traffic-no-loss = Nothing was lost here: not in the kernel's buffers, not in the queue, and nothing came that could not be read.
traffic-loss-socket = { $n } datagrams were dropped by the kernel, because its buffers were full.
traffic-loss-slots = { $n } flows found no room, because the thread that decides was slow.
traffic-loss-stranger = { $n } datagrams came from senders that are not allowed.
traffic-loss-refused = { $n } datagrams could not be read.
traffic-loss-exporters = { $n } datagrams came from more exporters than are kept apart.
traffic-loss-targets = { $n } times a target found no room in the tables.
traffic-vector-tcp-syn-flood = SYN flood
traffic-vector-tcp-synack-reflection = SYN-ACK reflection
traffic-vector-tcp-ack-flood = ACK flood
traffic-vector-tcp-rst-flood = RST flood
traffic-vector-tcp-null-flood = Flood of TCP without flags
traffic-vector-tcp-middlebox-amp = Amplification by middleboxes
traffic-vector-icmp-flood = ICMP flood
traffic-vector-udp-flood = UDP flood
traffic-vector-fragment-flood = Flood of fragments
traffic-vector-ip-protocol-flood = Flood of another protocol
traffic-vector-ipv6-exthdr-flood = Flood of IPv6 extension headers
traffic-vector-dhcp-flood = DHCP flood
traffic-vector-dns-query-flood = Flood of DNS queries
traffic-vector-http-flood = HTTP flood
traffic-vector-http2-rapid-reset = HTTP/2 rapid reset
traffic-vector-slowloris = Requests that are never finished
traffic-vector-amp-dns = DNS amplification
traffic-vector-amp-ntp = NTP amplification
traffic-vector-amp-snmp = SNMP amplification
traffic-vector-amp-cldap = CLDAP amplification
traffic-vector-amp-ssdp = SSDP amplification
traffic-vector-amp-memcached = memcached amplification
traffic-vector-amp-chargen = chargen amplification
traffic-vector-amp-portmap = portmap amplification
traffic-vector-amp-coap = CoAP amplification
traffic-sign-few-paths = few paths are asked for
traffic-sign-faster-than-people = clients ask faster than people can
traffic-sign-tools = clients say that they are programs
traffic-sign-one-agent = all clients say the same of themselves
traffic-sign-no-assets = nothing that belongs to a page is fetched
traffic-sign-no-referrers = clients come from nowhere
traffic-sign-new-clients = hardly any client was there before
traffic-sign-streams-reset = streams are opened and reset at once
traffic-sign-requests-never-finished = requests are never finished
