"""Names of services whose keys have no form of their own.

Owns: data only. Never: scans.
Invariant: a name here is the name of a service, not a common word: beside it, random text is a credential.
"""

from __future__ import annotations

from typing import Final

from sidecar.scrub.words import split

VENDORS: Final = tuple(
    sorted(
        split("""
    abstractapi abuseipdb accuweather activecampaign acuityscheduling adafruit adafruitio adobe aeroworkflow
    agora airbrake airship airvisual aiven aletheia algolia alienvault alphavantage amadeus amplitude anypoint
    apacta api2cart apideck apiflash apify apilayer apimatic apimetrics apitemplate apollographql appcues
    appfollow appointedd appoptics appsynergy apptivo artifactory artsy asana assemblyai atera atlassian attio
    audd auth0 autodesk autoklose autopilot avaza aviationstack axonaut aylien ayrshare azure bannerbear
    baremetrics baseapi beamer beebole besnappy besttime betterstack billomat bitbar bitbucket bitcoinaverage
    bitfinex bitgo bitly bittrex blablabus blazemeter blitapp blogger bombbomb boostnote borgbase braintree
    brandfetch braze brevo browserstack browshot bscscan buddyns bugherd bugsnag buildkite bulbul bulksms
    buttercms caflou calendarific calendly calorieninja campayn cannyio capsulecrm captaindata carboninterface
    cashboard caspio censys centralstation cexio chartmogul chatbot chatfule checio checklyhq checkvist cicero
    circleci clarifai clearbit clickhelp clickhouse clicksend clickup cliengo clinchpad clockify clockworksms
    closecrm cloudelements cloudflare cloudimage cloudmersive cloudplan cloudsmith cloudways cloverly clustdoc
    coda codacy codeclimate codecov codemagic codequiry cohere coinapi coinbase coinlayer coinlib collect2
    column commercejs commodities companyhub confluent contentful contentstack conversiontools convertapi
    convertkit convier copper copyleaks couchbase countrylayer courier coveralls craftmypdf crowdin
    cryptocompare currencycloud currencyfreaks currencylayer currencyscoop customerguru customerio d7network
    dailyco dandelion dareboost databox datadog datafire datagov deepai deepgram deepl deepseek delighted demio
    denodeploy deputy detectify detectlanguage dfuse diffbot diggernaut digicert disqus ditto dnscheck dockerhub
    docparser documo docusign doppler dotdigital dovico dreamfactory dronahq droneci dropbox duply dwolla
    dyspatch eagleeyenetworks easyinsight easypost ecostruxureit edamam edenai eightxeight elasticemail enablex
    endorlabs enigma envoyapi eraser etherscan ethplorer etsy everhour exchangerateapi exchangeratesapi
    expensify exportsdk extractorapi facebook faceplusplus fastforex fastly fastlypersonal feedier fetchrss
    fibery figma fileio filestack finage findl finicity finnhub fixerio flatio fleetbase flexport flickr
    flightapi flightlabs flightstats flowflu flutterwave flyio fmfw formbucket formcraft formio formsite
    foursquare frameio freshbooks freshdesk fulcrum fullcontact fullstory fusebill gemini gengo geoapify geocode
    geocodify geocodio geoipifi getemail getemails getgeoapi getgist getresponse getsandbox giphy gitter
    glassnode gocanvas gocardless goodday grafana graphcms graphhopper groovehq gtmetrix guardianapi gumroad
    gyazo happi happyscribe harvest hasura helpcrunch helpscout hereapi heroku hiveage holidayapi holistic
    honeycomb hubspot huggingface humanity hunter hybiscus hypertrack ibmcloud iconfinder iexapis iexcloud
    imagekit imagga impala infobip infracost infura insightly instabot instamojo intercom interseller intra42
    intrinio invoiceocean ip2location ipapi ipdata ipgeolocation ipify ipinfo ipinfodb ipquality ipstack jfrog
    jiratoken jotform jumpcloud jumpseller juro kairos kaleyra kanban kanbantool karmacrm keenio kickbox klaviyo
    klipfolio knapsackpro kontent kraken kucoin kylas languagelayer larksuite launchdarkly leadfeeder lemlist
    lendflow lessannoyingcrm lexigram linearapi linemessaging linenotify linkedin linkpreview liveagent
    livestorm loadmill lob locationiq loggly loginradius logzio lokalise loopnow loyverse lunchmoney luno
    madkudu magicbell magnetic mailboxlayer mailchimp mailerlite mailgun mailjet mailmodo mailsac mandrill
    mapbox mapquest marketstack mattermost mavenlink maxmind meaningcloud mediastack meistertask meraki mesibo
    messagebird metaapi metabase metrilo microsoftteams mindmeister miro mite mixmax mixpanel mockaroo
    moderation mondaycom monkeylearn moonclerk moonclock moosend moralis mrticktock mux myexperiment
    myfreshworks mymapfit myob nasdaqdatalink nethunt netlify netsuite neutrinoapi newrelic newsapi newscatcher
    nexmo nftport ngc nightfall nimble nitro noticeable notion npmtoken numverify nutritionix nvapi nylas
    nytimes oanda octopus okta omnisend onedesk onelogin onepagecrm onesignal onfleet oopspam openai
    opencagedata openuv openvpn openweather opsgenie optimizely overloop owlbot packagecloud pagarme pagerduty
    pandadoc pandascore paperform paralleldots parsehub parseur partnerstack passbase pastebin paydirtapp paymo
    paymongo paypal paystack pdflayer pdfshift peopledatalabs pepipost percy persona photoroom phraseaccesstoken
    pinata pipedream pipedrive pivotaltracker pixabay plaid planetscale planviewleankit planyo plivo podio
    pollsapi poloniex polygon portainer positionstack postageapp postbacks posthog postman postmark powrbot
    prefect privacy privateai prodpad prospectcrm protocolsio proxycrawl pubnub purestake pushbullet pushover
    quaderno qualaroo qubole quickmetrics rapidapi raven razorpay readme reallysimplesystems rebrandly refiner
    rentman repairshopr replicate replyio requestfinance restpackhtmltopdf restpackscreenshot revamp ringcentral
    ritekit roaring robinhood rocketreach roninapp route4me rownd rubygems runrunit salesblink salescookie
    salesflare salesforce salesmate sanity satismeter saucelabs scalewaykey scalr scrapeowl scraperapi
    scraperbox scrapestack scrapfly scrapingant scrapingbee screenshotapi screenshotlayer scrutinizerci
    securitytrails segment selectpdf semaphore sendbird sendgrid sendinblue sentiment sentry serphouse serpstack
    sheety sherpadesk shipday shippo shodan shopify shortcut shotstack shutterstock sigopt simfin simplesat
    simplynoted simvoly sinchmessage sirv siteleaf skrappio skybiometry slack smartsheet smartystreets smooch
    snipcart snyk softlayer sonar sonarcloud sourcegraph sparkpost speechtextai splunk splunkobservability
    spoonacular sportradar sportsmonk spotify spotifykey sqlserver square squarespace squareup sslmate
    statuscake statuspage statuspal stitchdata stockdata storecove stormboard stormglass storyblok storychief
    strava streak stripe stripo stytch sugester sumologic supabase supernotes surveyanyplace surveybot
    surveysparrow survicate swell swiftype tableau tailscale tallyfy tatum tatumio taxjar teamgate teamwork
    technicalanalysis tefter telegram telnyx testingbot textmagic theoddsapi thinkific ticketmaster tickettailor
    tiingo timecamp timezoneapi tmetric todoist toggltrack tomorrowio tomtom tradier transferwise travelpayouts
    travisci trello twelvedata twilio twist twitch twitter tyntec typeform typetalk ubidots uclassify unify
    unplugg unsplash upcdatabase uplead uploadcare uptimerobot upwave urlscan userflow userstack vatlayer vbout
    vercel verifier verimail veriphone versioneye viewneo virustotal visualcrossing voicegain voodoosms vouchery
    vpnapi vultr vyte walkscore weatherbit weatherstack webex webflow webscraper webscraping wepay whoxy wistia
    wiz woopra workday worksnaps workstack worldcoinindex worldweather wrike yandex yelp youneedabudget youtube
    zapier zendesk zenkit zenrows zenscrape zenserp zeplin zerobounce zerotier zipapi zipbooks zipcodeapi
    zipcodebase zoho zonka zonkafeedback zoom zulipchat
    """)
    )
)
COMMON: Final = split(
    """
    azure blogger chatbot coda column commodities copper courier deputy ditto enigma eraser facebook gemini
    github google harvest holistic hunter impala kanban kraken linkedin lob magnetic miro mite moderation mux
    ngc nimble nitro notion npmtoken openai overloop persona podio polygon privacy raven readme replicate
    roaring route4me segment semaphore sentiment sentry shortcut slack square streak stripe swell telegram twist
    twitch twitter unify verifier wiz youtube zoom
    """
)
"""Of those, the ones that are also common words or appear everywhere: only inside a name that says key or token."""

NAMES: Final = frozenset(VENDORS)
PLAIN: Final = tuple(sorted(NAMES - COMMON))
"""Names that alone, before a quoted or long random text, make it a credential."""
