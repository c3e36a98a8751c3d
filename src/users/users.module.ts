import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CountriesModule } from '../countries/countries.module.js';
import { Administrators } from './administrators.js';
import { ChosenCurrencies } from './chosen-currencies.js';
import { UserEntity } from './user.entity.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity]), CountriesModule],
  controllers: [UsersController],
  providers: [Administrators, ChosenCurrencies, UsersRepository, UsersService],
  exports: [Administrators, UsersService],
})
export class UsersModule {}
