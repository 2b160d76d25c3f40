FROM python:3.11 AS gpu
RUN pip install torch==2.2.0 "numpy<2"
FROM gpu
RUN pip install torch==2.8.0
