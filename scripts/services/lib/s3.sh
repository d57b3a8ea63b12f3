# What the S3 services share: whose keys they accept, and how one is told to use them.
# shellcheck shell=bash

# Keys of the usual form and length, the same for every server. They are good for tests on
# 127.0.0.1 only. The secret has characters that a client must not mangle.
s3_access_key=CHATARCHIVETEST00001
s3_secret_key=test/secret+key/0000000000000000000=0001
s3_region=us-east-1
s3_bucket=chat-archive

# s3_envs ENDPOINT: for our server, and for clients that know the AWS names.
s3_envs() {
  echo "export ARCHIVE_S3_ENDPOINT=$1"
  echo "export ARCHIVE_S3_REGION=$s3_region"
  echo "export ARCHIVE_S3_BUCKET=$s3_bucket"
  echo "export ARCHIVE_S3_ACCESSKEY=$s3_access_key"
  echo "export ARCHIVE_S3_SECRETKEY=$s3_secret_key"
  echo "export ARCHIVE_S3_PATHSTYLE=true"
  echo "export AWS_ENDPOINT_URL=$1"
  echo "export AWS_ACCESS_KEY_ID=$s3_access_key"
  echo "export AWS_SECRET_ACCESS_KEY=$s3_secret_key"
  echo "export AWS_DEFAULT_REGION=$s3_region"
}

# s3_test_envs ENDPOINT PREFIX: for our tests, which make buckets of their own.
s3_test_envs() {
  echo "export $2_ENDPOINT=$1"
  echo "export $2_ACCESS_KEY=$s3_access_key"
  echo "export $2_SECRET_KEY=$s3_secret_key"
}

# Makes the bucket, signed by curl: which also shows that the whole way through the server works.
s3_make_bucket() { # s3_make_bucket ENDPOINT
  curl --silent --show-error --fail --noproxy '*' --max-time 30 --output /dev/null --request PUT \
    --aws-sigv4 "aws:amz:$s3_region:s3" --user "$s3_access_key:$s3_secret_key" \
    --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$1/$s3_bucket"
}
