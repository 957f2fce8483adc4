package io.tiefsee.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;

/**
 * Goes on reading a connection whose requests are not wanted yet. While an answer is made Vert.x
 * reads no requests behind it, and who does not read does not hear that the client has gone. So
 * what comes meanwhile is kept here, up to a limit. Stands before all other handlers of a
 * connection; used on its event loop only.
 */
final class ReadAhead extends ChannelDuplexHandler {
  /** Bytes that are kept of a connection at most; where more come, the client has to wait. */
  private static final int MAX_BYTES = 1 << 20;

  private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>();
  private long bytes;
  private boolean handingOver;

  private static boolean isWanted(ChannelHandlerContext context) {
    return context.channel().config().isAutoRead();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf piece && (!isWanted(context) || !kept.isEmpty())) {
      kept.add(piece);
      bytes += piece.readableBytes();
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.fireChannelReadComplete();
    if (!isWanted(context) && bytes < MAX_BYTES) {
      context.read();
    }
  }

  @Override
  public void read(ChannelHandlerContext context) {
    if (kept.isEmpty()) {
      context.read();
    } else if (!handingOver) {
      handingOver = true;
      // Not at once: whoever wants more may be in the middle of the last piece.
      context.executor().execute(() -> handOver(context));
    }
  }

  private void handOver(ChannelHandlerContext context) {
    handingOver = false;
    while (!kept.isEmpty() && isWanted(context) && !context.isRemoved()) {
      ByteBuf piece = kept.poll();
      bytes -= piece.readableBytes();
      context.fireChannelRead(piece);
      context.fireChannelReadComplete();
    }
    if (bytes < MAX_BYTES) {
      context.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    drop();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    drop();
  }

  private void drop() {
    kept.forEach(ByteBuf::release);
    kept.clear();
    bytes = 0;
  }
}
