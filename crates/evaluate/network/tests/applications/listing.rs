//! The twenty.

/// Names and texts.
pub static APPLICATIONS: [(&str, &str); 20] = [
    (
        "web, api and database",
        "namespace shop
        deployment web x2 http:8080 API_URL=http://api:8080/v1
        deployment api x2 http:8080 DATABASE_URL=postgres://db:5432/shop
        statefulset db x1 pg:5432
        service web 80>http
        service api 8080>http
        service db 5432>pg
        flow web > api:8080
        flow api > db:5432",
    ),
    (
        "ingress in front",
        "namespace ingress-nginx
        deployment controller x2 https:443 label:app.kubernetes.io/name=ingress-nginx
        service controller 443>https loadbalancer
        namespace front
        deployment web x2 http:8080
        service web 80>http
        ingress web 80
        deployment static x1 http:8081
        service static 80>http
        flow ingress-nginx/controller > web:8080
        flow web > static:8081
        flow 203.0.113.7 > ingress-nginx/controller:443",
    ),
    (
        "cache and queue",
        "namespace orders
        deployment api x2 http:8000 REDIS_HOST=cache AMQP_URL=amqp://queue:5672
        deployment worker x3 BROKER=queue:5672
        statefulset cache x1 redis:6379
        statefulset queue x1 amqp:5672 http:15672
        service cache 6379>redis
        service queue 5672>amqp
        flow api > cache:6379
        flow api > queue:5672
        flow worker > queue:5672
        flow worker > cache:6379",
    ),
    (
        "nightly backup that was not seen",
        "namespace data
        statefulset db x1 pg:5432
        service db 5432>pg
        deployment app x1 http:8080 DB_HOST=db DB_PORT=5432
        cronjob backup DB_HOST=db DB_PORT=5432
        flow app > db:5432",
    ),
    (
        "monitoring over namespaces",
        "namespace monitoring
        deployment prometheus x1 http:9090
        deployment grafana x1 http:3000 PROMETHEUS_URL=http://prometheus:9090
        daemonset exporter x2 metrics:9101
        service prometheus 9090>http
        namespace pay
        deployment pay x2 http:8080 metrics:9102
        namespace stock
        deployment stock x1 http:8080 metrics:9102
        flow monitoring/prometheus > pay/pay:9102
        flow monitoring/prometheus > stock/stock:9102
        flow monitoring/prometheus > monitoring/exporter:9101
        flow monitoring/grafana > monitoring/prometheus:9090",
    ),
    (
        "a database that replicates",
        "namespace pg
        statefulset pg x3 pg:5432 repl:5433
        service pg 5432>pg headless
        deployment pooler x2 pg:6432 PG=pg-0.pg:5432
        service pooler 5432>pg
        namespace app
        deployment app x2 http:8080 DSN_URL=postgres://pooler.pg:5432/app
        flow pg/pg > pg/pg:5433
        flow pg/pooler > pg/pg:5432
        flow app > pg/pooler:6432",
    ),
    (
        "kafka",
        "namespace kafka
        statefulset kafka x3 client:9092 inter:9093
        service kafka 9092>client headless
        namespace stream
        deployment producer x2 BROKERS=kafka-0.kafka.kafka.svc:9092,kafka-1.kafka.kafka.svc:9092
        deployment consumer x2 http:8080
        flow kafka/kafka > kafka/kafka:9093
        flow producer > kafka/kafka:9092
        flow consumer > kafka/kafka:9092
        flow consumer > producer:7000",
    ),
    (
        "mail to the outside",
        "namespace mail
        deployment mailer x2 http:8025
        service mailer 25>http
        deployment app x2 http:8080 SMTP_HOST=mailer
        flow app > mailer:8025
        flow mailer > 198.51.100.25:587
        flow mailer > 198.51.100.26:587
        flow app > 203.0.113.80:443",
    ),
    (
        "one name in two namespaces",
        "namespace blue team=blue
        deployment api x1 http:8080
        deployment web x1 http:8081 API_URL=http://api
        service api 80>http
        namespace green team=green
        deployment api x1 http:8080
        deployment web x1 http:8081 API_URL=http://api
        service api 80>http
        flow blue/web > blue/api:8080
        flow green/web > green/api:8080
        flow green/web > blue/api:8080",
    ),
    (
        "voice by UDP and SCTP",
        "namespace voice
        deployment sip x2 sip:5060/udp
        deployment media x2 rtp:7000/udp sig:3868/sctp
        deployment hss x1 dia:3868/sctp
        flow sip > media:7000/udp
        flow media > hss:3868/sctp
        flow 203.0.113.44 > sip:5060/udp",
    ),
    (
        "log shippers on every node",
        "namespace logging
        daemonset shipper x2
        deployment gateway x2 otlp:4317
        service gateway 4317>otlp
        statefulset store x2 http:9200 peer:9300
        service store 9200>http
        deployment view x1 http:5601 STORE_URL=http://store:9200
        flow shipper > gateway:4317
        flow gateway > store:9200
        flow store > store:9300
        flow view > store:9200",
    ),
    (
        "agents on their nodes' network",
        "namespace agents
        daemonset agent x2 host metrics:9100
        deployment hub x1 http:8080
        service hub 8080>http
        deployment scraper x1
        flow agent > hub:8080
        flow scraper > hub:8080
        flow scraper > agent:9100",
    ),
    (
        "two of one app label",
        "namespace twins
        deployment api x1 http:8080 label:app=twin label:role=api
        deployment job x1 http:8081 label:app=twin label:role=job
        deployment db x1 pg:5432
        flow api > db:5432
        flow job > api:8080",
    ),
    (
        "wiki",
        "namespace wiki
        deployment wiki x2 http:8080 MEMCACHED_HOST=memcached DB_SERVER=mysql
        deployment memcached x2 mc:11211
        statefulset mysql x1 sql:3306
        service memcached 11211>mc
        service mysql 3306>sql
        deployment search x1 http:9200
        service search 9200>http
        flow wiki > memcached:11211
        flow wiki > mysql:3306
        flow wiki > search:9200
        flow search > mysql:3306",
    ),
    (
        "machine learning",
        "namespace ml
        deployment trainer x2 grpc:50051
        deployment store x1 s3:9000
        service store 9000>s3
        cronjob retrain STORE_URL=http://store:9000
        deployment serve x3 grpc:50052 STORE_ENDPOINT=store:9000
        namespace ui
        deployment ui x1 http:8080
        flow ml/trainer > ml/trainer:50051
        flow ml/trainer > ml/store:9000
        flow ml/serve > ml/store:9000
        flow ui > ml/serve:50052
        flow ml/retrain > ml/store:9000",
    ),
    (
        "bank with many namespaces",
        "namespace edge
        deployment gateway x2 https:8443
        service gateway 443>https loadbalancer
        namespace accounts
        deployment accounts x2 http:8080
        service accounts 80>http
        statefulset accounts-db x1 pg:5432
        namespace ledger
        deployment ledger x2 grpc:9090
        statefulset ledger-db x1 pg:5432
        flow edge/gateway > accounts/accounts:8080
        flow accounts/accounts > accounts/accounts-db:5432
        flow accounts/accounts > ledger/ledger:9090
        flow ledger/ledger > ledger/ledger-db:5432",
    ),
    (
        "game",
        "namespace game
        deployment match x2 http:8080
        deployment server x3 play:7777/udp ctl:7778
        statefulset state x1 redis:6379
        service state 6379>redis
        flow match > server:7778
        flow server > state:6379
        flow match > state:6379
        flow 203.0.113.9 > server:7777/udp
        flow 198.51.100.4 > server:7777/udp",
    ),
    (
        "builds",
        "namespace ci
        deployment controller x1 http:8080 agent:50000
        service controller 80>http 50000>agent
        deployment agent x3 CONTROLLER_URL=http://controller
        deployment registry x1 http:5000
        service registry 5000>http
        deployment mirror x1
        flow agent > controller:50000
        flow agent > controller:8080
        flow agent > registry:5000
        flow mirror > registry:5000
        flow mirror > 203.0.113.50:443",
    ),
    (
        "identity for everybody",
        "namespace identity
        deployment idp x2 https:8443
        service idp 443>https
        statefulset idp-db x1 pg:5432
        namespace a
        deployment a x1 http:8080 ISSUER_URL=https://idp.identity.svc.cluster.local
        namespace b
        deployment b x1 http:8080 ISSUER_URL=https://idp.identity.svc
        namespace c
        deployment c x1 http:8080
        flow identity/idp > identity/idp-db:5432
        flow a/a > identity/idp:8443
        flow b/b > identity/idp:8443
        flow c/c > b/b:8080",
    ),
    (
        "many ports",
        "namespace lab
        deployment hub x2 http:8080 grpc:8081 admin:8082 metrics:8083
        deployment one x1
        deployment two x1
        deployment three x2
        flow one > hub:8080
        flow one > hub:8081
        flow two > hub:8080
        flow two > hub:8081
        flow three > hub:8082
        flow three > hub:8083
        flow hub > hub:8081",
    ),
];
