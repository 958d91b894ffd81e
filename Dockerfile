# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
# What a shared rig needs beside: [postgres,s3,metrics].
ARG EXTRAS=
WORKDIR /source
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY upsim ./upsim
COPY fixtures ./fixtures
RUN python -m venv /opt/upsim \
    && /opt/upsim/bin/python -m pip install --no-cache-dir --constraint constraints.txt ".${EXTRAS}" \
    && /opt/upsim/bin/python -m compileall -q /opt/upsim/lib

FROM python:3.11-slim
LABEL org.opencontainers.image.title="upsim" \
      org.opencontainers.image.description="A local Microsoft Universal Print" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/upsim /opt/upsim
# Any user id works: the only folder that is written is /data, and a read-only root file system is fine.
RUN mkdir /data && chmod 0777 /data
ENV PATH=/opt/upsim/bin:$PATH \
    UPSIM_HOST=0.0.0.0 \
    UPSIM_DATA=/data \
    UPSIM_LOG_FORMAT=json
USER 10001
VOLUME /data
EXPOSE 8443 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/_upsim/readyz', timeout=2)"]
ENTRYPOINT ["upsim"]
CMD ["serve"]
