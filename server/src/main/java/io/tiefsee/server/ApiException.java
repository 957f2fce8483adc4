package io.tiefsee.server;

import java.time.Duration;
import java.util.Optional;

/** A request that gets an error for an answer; the message is for its sender. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * What clients tell errors apart by.
   *
   * @param type the class of error, such as {@code invalid_request_error}
   * @param code the error itself, such as {@code model_not_found}
   */
  public enum Kind {
    INVALID(400, "invalid_request_error", "invalid_request_error"),
    UNAUTHORIZED(401, "authentication_error", "invalid_api_key"),
    BUDGET_SPENT(402, "insufficient_quota", "insufficient_balance"),
    FORBIDDEN(403, "permission_error", "forbidden"),
    NOT_FOUND(404, "not_found_error", "not_found"),
    MODEL_NOT_FOUND(404, "invalid_request_error", "model_not_found"),
    METHOD_NOT_ALLOWED(405, "invalid_request_error", "method_not_allowed"),
    TIMEOUT(408, "timeout_error", "request_timeout"),
    TOO_LARGE(413, "invalid_request_error", "request_too_large"),
    WRONG_TYPE(422, "invalid_request_error", "invalid_type"),
    RATE_LIMITED(429, "rate_limit_error", "rate_limit_exceeded"),
    INTERNAL(500, "server_error", "internal_error"),
    UPSTREAM(502, "server_error", "upstream_error"),
    UNAVAILABLE(503, "server_error", "service_unavailable"),
    OUT_OF_RESOURCES(503, "server_error", "insufficient_system_resource");

    private final int status;
    private final String type;
    private final String code;

    Kind(int status, String type, String code) {
      this.status = status;
      this.type = type;
      this.code = code;
    }

    public int status() {
      return status;
    }

    public String type() {
      return type;
    }

    public String code() {
      return code;
    }
  }

  private final Kind kind;
  private final transient Optional<String> param;
  private final transient Optional<Duration> retryAfter;

  public ApiException(Kind kind, String message) {
    this(kind, message, Optional.empty(), Optional.empty());
  }

  private ApiException(
      Kind kind, String message, Optional<String> param, Optional<Duration> retryAfter) {
    super(message);
    this.kind = kind;
    this.param = param;
    this.retryAfter = retryAfter;
  }

  /**
   * A field of the request that is wrong.
   *
   * @param field as a path: {@code messages[0].content}
   * @param wanted goes on behind the field's name: {@code must be a string}
   */
  public static ApiException field(Kind kind, String field, String wanted) {
    return new ApiException(kind, field + " " + wanted, Optional.of(field), Optional.empty());
  }

  /** An error that goes away by itself. */
  public static ApiException retry(Kind kind, String message, Duration after) {
    return new ApiException(kind, message, Optional.empty(), Optional.of(after));
  }

  public Kind kind() {
    return kind;
  }

  /** The field that is wrong. */
  public Optional<String> param() {
    return param;
  }

  /** When another try may succeed. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
