# The product's image: one for every process. Needs nothing from the internet but the package registries.
FROM node:22-slim AS front
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY hotline/frontend hotline/frontend
RUN npm run build

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOTLINE_PROFILE=production HOTLINE_DATA=/data HOTLINE_STATIC_ROOT=/srv/static
WORKDIR /srv/hotline
# the voice of the telephone's prompts
RUN apt-get update && apt-get install -y --no-install-recommends espeak-ng sox && rm -rf /var/lib/apt/lists/*
COPY requirements/build-py3.12.txt requirements/base-py3.12.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/build-py3.12.txt \
 && pip install --no-cache-dir --no-deps --require-hashes --no-build-isolation -r requirements/base-py3.12.txt
COPY . .
COPY --from=front /src/hotline/static/dist hotline/static/dist
# the single profile makes throw-away secrets for this one command; none of them stays in the image
RUN HOTLINE_PROFILE=single HOTLINE_DATA=/tmp/build python manage.py collectstatic --noinput \
 && rm -rf /tmp/build \
 && groupadd --system --gid 10001 hotline \
 && useradd --system --uid 10001 --gid 10001 --home-dir /data hotline \
 && install -d -o hotline -g hotline /data /anchors /etc/hotline/asterisk
USER hotline
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "4", \
     "--blocking-threads", "4", "--respawn-failed-workers", "hotline.wsgi:application"]
