// The example apps of this repository, shipped as any author ships his own.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { findPackageFile } from '../../src/bundle/package-files.ts';
import { WorkflowApp } from '../constructs/workflow-app.ts';
import type { Settings } from '../settings/settings.ts';
import { readReleaseOrder } from './read-release-order.ts';

/** What the stack of the example apps needs. */
export interface AppsStackProps extends StackProps {
  readonly settings: Settings;
  /** Numbers this deployment of the examples; by the release of this package unless given. */
  readonly order?: number;
}

/** The booking apps on the engine of the same name. */
export class AppsStack extends Stack {
  readonly booking: WorkflowApp;
  readonly bookingSequential: WorkflowApp;

  constructor(scope: Construct, id: string, { settings, order = readReleaseOrder(), ...props }: AppsStackProps) {
    super(scope, id, props);
    const ship = (construct: string, folder: string): WorkflowApp =>
      new WorkflowApp(this, construct, {
        entry: findPackageFile(`workflows/${folder}/app`),
        engine: settings,
        order,
        logRetention: settings.retention.logs,
      });
    this.booking = ship('Booking', 'booking');
    this.bookingSequential = ship('BookingSequential', 'booking-sequential');
  }
}
