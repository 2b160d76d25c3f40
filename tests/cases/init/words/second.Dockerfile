FROM python:3.11-slim
RUN pip install six==1.16.0
HEALTHCHECK --interval=1m CMD ["a", "b c"]
HEALTHCHECK --start-interval=1s CMD x
