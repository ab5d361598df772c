FROM golang:1.26.8-alpine@sha256:ce864e7223ac17b1775e6fd0b4c0db580c2eb50e7953a427916379e4b92a1628 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /stagedoor ./cmd/stagedoor && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /stagedoor /stagedoor
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV STAGEDOOR_LISTEN=0.0.0.0:8080 STAGEDOOR_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/stagedoor"]
CMD ["serve"]
