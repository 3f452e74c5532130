# The service as one image: `svi serve` with its data under /var/lib/svi.
# Built in two steps, so that nothing that only builds (make, npm) is in what serves.

FROM python:3.11-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends make nodejs npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/svi
COPY . .
RUN make install

FROM python:3.11-slim-bookworm
# ffmpeg: recorded absence messages as MP3. postgresql-client: backup and restore.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg postgresql-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/svi --create-home svi
COPY --from=build /opt/svi /opt/svi
RUN rm -rf /opt/svi/node_modules
WORKDIR /opt/svi
ENV PATH=/opt/svi/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    VOICE_PORT=8002 \
    VAR_DIR=/var/lib/svi \
    LOG_FORMAT=json
USER 10001
VOLUME /var/lib/svi
EXPOSE 8000 8002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["tini", "--"]
CMD ["svi", "serve"]
