FROM python:3.11-slim AS run
ARG RELEASE
ARG GREETING
RUN git clone https://example.org/x && pip install six==${RELEASE}
FROM run
